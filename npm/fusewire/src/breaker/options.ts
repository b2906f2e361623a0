import type { BackendKind } from '../engine/backend.ts';
import type { Clock } from '../time/clock.ts';
import type { Logger } from '../logging.ts';

/**
 * How a breaker behaves. Every option has a default. What is unknown, of the wrong type or out of range is refused, all
 * of it in one {@link BreakerOptionsError}.
 */
export interface CircuitBreakerOptions extends EngineOptions {
  /** Names the breaker in errors, events and stats: 1 to 200 characters. Default `'unnamed'`. */
  readonly name?: string | undefined;

  /**
   * Milliseconds, from anywhere, never running backwards. Default: `performance.now()`; while fake timers are installed,
   * their time. It drives the circuit; call timeouts always run on the default clock.
   */
  readonly clock?: Clock | undefined;

  /**
   * Judges what a call threw or rejected with. Default: every error is a failure, but for the rejection of a policy or
   * another breaker inside, which counts neither way. The caller gets the error in any case. If this throws, the call counts as a failure and the fault is reported.
   */
  readonly classify?: ((error: unknown) => Verdict | undefined) | undefined;

  /**
   * Whether a result counts as a failure. Default: none does. The caller gets the result in any case. If this throws, the
   * call counts as a failure and the fault is reported.
   */
  readonly isFailure?: ResultPredicate | undefined;

  /** Where transitions and faults are written. Default: nowhere; faults become warnings of the process. */
  readonly logger?: Logger | undefined;

  /** Which build of the engine runs. Default `'wasm'`, or `'native'` where `scope` is `'process'`. */
  readonly backend?: BackendKind | undefined;

  /**
   * `'process'`: one breaker for all worker threads of the process that open the same `name`, with the same options.
   * It needs the native addon. Default `'local'`.
   */
  readonly scope?: 'local' | 'process' | undefined;

  /** Whether a {@link CircuitOpenError} has a stack. Default false: taking one costs more than the whole rejection. */
  readonly rejectionStack?: boolean | undefined;
}

/** Judges a result, of a type that the predicate may narrow. */
export type ResultPredicate = { of(result: unknown): boolean }['of'];

/** What an error means: `'ignore'` counts neither way, `openFor` opens the circuit for that many milliseconds. */
export type Verdict = 'failure' | 'ignore' | 'success' | { readonly openFor: number };

/** The options that the engine reads and checks. Times are milliseconds, from 1 to 31 536 000 000 (365 days). */
export interface EngineOptions {
  /** Failures in the window that open the circuit: 1 to 1 000 000. Default 5, unless another rule is configured. */
  readonly failureThreshold?: number | undefined;
  /** Failures in a row that open the circuit: 1 to 1 000 000. Default: off. */
  readonly consecutiveFailureThreshold?: number | undefined;
  /** Failed share of the calls in the window that opens the circuit: above 0, up to 1. Default: off. */
  readonly failureRateThreshold?: number | undefined;
  /** Slow share of the calls in the window that opens the circuit: above 0, up to 1. Default: off. */
  readonly slowCallRateThreshold?: number | undefined;
  /** From how long on a call is slow. Needed by `slowCallRateThreshold`. */
  readonly slowCallDuration?: number | undefined;
  /** Calls the window must hold before a rate is looked at: 1 to 1 000 000. Default 20. */
  readonly minimumCalls?: number | undefined;
  /** What the rules count. Default: the calls of the last 60 000 ms, in 10 steps. */
  readonly window?: TimeWindow | CountWindow | undefined;
  /** How far back the window looks; short for `window: { type: 'time', duration }`. Default 60 000. */
  readonly monitoringWindow?: number | undefined;
  /** Another name of `monitoringWindow`. */
  readonly monitoringPeriod?: number | undefined;
  /** How long the circuit stays open. Default 60 000. */
  readonly resetTimeout?: number | OpenTime | undefined;
  /** Another name of `resetTimeout`, as a number. */
  readonly retryDelay?: number | undefined;
  /** Probe successes that close the circuit: 1 to 1 000 000. Default 2. */
  readonly successThreshold?: number | undefined;
  /** Probes in flight at once while half-open: 1 to 10 000. Default 1. */
  readonly maxConcurrentRequests?: number | undefined;
  /** Judge the failed share of so many probes, instead of counting successes. */
  readonly halfOpen?: HalfOpen | undefined;
  /** Let traffic back in by degrees after a recovery. Default: all at once. */
  readonly recovery?: Recovery | undefined;
  /** Watch the calls under way, and not only those that have ended. Default: off. */
  readonly inFlight?: InFlight | undefined;
  /** How long a call may take: 1 to 2 147 483 647, or 0 or false for as long as it likes. Default 30 000. */
  readonly timeout?: number | false | undefined;
  /** Whether each call is measured. Default true; false saves a reading of the clock per call. */
  readonly responseTimes?: boolean | undefined;
  /** Where the row of random numbers for `jitter` starts: a whole number from 0. Default: anywhere. */
  readonly seed?: number | undefined;
}

/** The calls of the last while. */
export interface TimeWindow {
  readonly type: 'time';
  /** How far back. Default 60 000. */
  readonly duration?: number | undefined;
  /** In how many steps the window moves: 1 to 1 000. Default 10. */
  readonly buckets?: number | undefined;
}

/** The last calls. */
export interface CountWindow {
  readonly type: 'count';
  /** How many: 1 to 1 000 000. Default 100. */
  readonly size?: number | undefined;
}

/** An open time that grows on each failed recovery. */
export interface OpenTime {
  /** The first open time, and again after a recovery that succeeded. Default 60 000. */
  readonly initial?: number | undefined;
  /** By how much it grows: 1 to 100. Default 2. */
  readonly factor?: number | undefined;
  /** What it never grows beyond. Default ten times `initial`. */
  readonly max?: number | undefined;
  /** The share of it that is cut off at random: 0 to 1. Default 0. */
  readonly jitter?: number | undefined;
}

/** The judgement over probes. */
export interface HalfOpen {
  /** How many probes are judged: 1 to 10 000. */
  readonly calls: number;
  /** The failed share of them that opens the circuit again: above 0, up to 1. */
  readonly failureRateThreshold: number;
}

/** The way back to full traffic. */
export interface Recovery {
  /** How long until every call is admitted again. */
  readonly ramp: number;
  /** The share admitted at its start: above 0, up to 1. Default 0.1. */
  readonly initialShare?: number | undefined;
}

/**
 * What calls under way say before they end. One is overdue once it has run for `slowCallDuration`; without that option for
 * `timeout`, and without either for the first open time.
 *
 * - An overdue call is slow: with `slowCallRateThreshold` it is counted in that rate, as a call and as slow, until it ends
 *   and its outcome is counted in its place. So a dependency that hangs opens the circuit before any call has ended.
 * - While the dependency is unproven, at most `limit` calls may be without an answer. It is unproven before its first
 *   success, and again when `limit` signs in a row were bad: calls that failed, were slow or became overdue, with no
 *   success between them that was fast enough. One such success lifts the limit, and so do probes that close the
 *   circuit. An overdue call holds no place, so calls that never end cannot keep all others out.
 *
 * It is off by default, for it rejects calls while the circuit is closed: a burst that comes before the first answer, such
 * as at the start of a process, is cut down to `limit`. And each call asks the engine, which takes a tenth of a microsecond.
 * `limit: false` rejects nothing, and only counts overdue calls as slow.
 *
 * Calls admitted within a fifteenth of that time are overdue together, with the last of them. A snapshot does not hold the
 * calls under way, nor that the dependency was proven.
 */
export interface InFlight {
  /**
   * How many calls may be without an answer while the dependency is unproven, and how many bad signs in a row make it so:
   * 1 to 1 000 000, or 0 or false for no limit, which takes `slowCallRateThreshold`. Default 10. More are rejected with a
   * {@link CircuitOpenError} of the reason `'in-flight-limit'`.
   */
  readonly limit?: number | false | undefined;
}
