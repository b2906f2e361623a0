import type { BackendKind } from '../engine/backend.ts';
import type { ValueClassificationOptions } from '../classification/outcome.ts';
import type { Clock } from '../time/clock.ts';
import type { Logger } from '../logging.ts';
import type { ObservableOptions } from '../run/observables.ts';

/**
 * Options of a breaker. Every option has a default. Unknown options and invalid values are rejected, all of them in one
 * {@link OptionsError}.
 */
export interface CircuitBreakerOptions extends EngineOptions, ObservableOptions, ValueClassificationOptions {
  /** Name in errors, events and stats: 1 to 200 characters. Default `'unnamed'`. */
  readonly name?: string | undefined;

  /**
   * Clock of the circuit: milliseconds since any point in time, never running backwards. Default: `performance.now()`, or the
   * time of fake timers while they are installed. Call timeouts use the timers of the clock, or else those of the runtime.
   */
  readonly clock?: Clock | undefined;

  /** Logger of transitions and of errors that no caller sees. Default: none; such errors become warnings of the process. */
  readonly logger?: Logger | undefined;

  /** Build of the engine. Default `'wasm'`, or `'native'` if `scope` is `'process'`. */
  readonly backend?: BackendKind | undefined;

  /**
   * Scope of the breaker. With `'process'`, all worker threads that use the same `name` and the same options share one breaker.
   * That needs the native addon. Default `'local'`.
   */
  readonly scope?: 'local' | 'process' | undefined;

  /**
   * Whether the breaker protects its calls. With false, they run as if there were no breaker: no timeout, no count, no
   * rejection and no event. With `scope: 'process'` it holds for this thread. Default true.
   */
  readonly enabled?: boolean | undefined;

  /**
   * Mode in which a new breaker starts. In `'shadow'` it rejects no calls, and emits the transitions that would have happened,
   * until `releaseOverride()`. A restored breaker has the mode of its snapshot. Not with `scope: 'process'`. Default `'normal'`.
   */
  readonly initialMode?: 'normal' | 'shadow' | undefined;

  /**
   * Whether a {@link CircuitOpenError} has a stack, and a {@link CallTimeoutError} that of the call. Default false: a stack
   * costs more than the rest of the rejection, and for timeouts the stack of each call is captured.
   */
  readonly rejectionStack?: boolean | undefined;
}

/** Options that {@link CircuitBreaker.update} can change. `false` turns a rule off. */
export interface UpdateOptions {
  readonly failureThreshold?: number | false | undefined;
  readonly consecutiveFailureThreshold?: number | false | undefined;
  readonly failureRateThreshold?: number | false | undefined;
  /** Slow share of the calls. `slowCallDuration` stays, and is required. */
  readonly slowCallRateThreshold?: number | undefined;
  readonly minimumCalls?: number | undefined;
  /** Open time of the next opening. A present one stays. */
  readonly resetTimeout?: number | OpenTime | undefined;
  /** Alias of `resetTimeout`, as a number. */
  readonly retryDelay?: number | undefined;
  readonly successThreshold?: number | undefined;
  readonly halfOpen?: HalfOpen | false | undefined;
  readonly recovery?: Recovery | false | undefined;
  /** Time that later calls may take. */
  readonly timeout?: number | false | undefined;
  readonly enabled?: boolean | undefined;
}

/** Options that the engine reads and checks. Times are milliseconds, from 1 to 31 536 000 000 (365 days). */
export interface EngineOptions {
  /** Failures in the window that open the circuit: 1 to 1 000 000. Default: off. */
  readonly failureThreshold?: number | undefined;
  /** Failures in a row that open the circuit: 1 to 1 000 000. Default 5, or off with another threshold. */
  readonly consecutiveFailureThreshold?: number | undefined;
  /** Failed share of the calls in the window that opens the circuit: above 0, up to 1. Default 0.5, or off with another threshold. */
  readonly failureRateThreshold?: number | undefined;
  /** Slow share of the calls in the window that opens the circuit: above 0, up to 1. Default: off. */
  readonly slowCallRateThreshold?: number | undefined;
  /** Duration from which a call is slow. Required by `slowCallRateThreshold`. */
  readonly slowCallDuration?: number | undefined;
  /** Calls that the window must hold before a rate rule applies: 1 to 1 000 000. Default 20. */
  readonly minimumCalls?: number | undefined;
  /** Window of calls that the rules count. Default: the calls of the last 60 000 ms, in 10 steps. */
  readonly window?: TimeWindow | CountWindow | undefined;
  /** Length of the window; short for `window: { type: 'time', duration }`. Default 60 000. */
  readonly monitoringWindow?: number | undefined;
  /** Alias of `monitoringWindow`. */
  readonly monitoringPeriod?: number | undefined;
  /** Open time: how long the circuit stays open. Default 60 000. */
  readonly resetTimeout?: number | OpenTime | undefined;
  /** Alias of `resetTimeout`, as a number. */
  readonly retryDelay?: number | undefined;
  /** Probe successes that close the circuit: 1 to 1 000 000. Default 2. */
  readonly successThreshold?: number | undefined;
  /** Probes in flight at once while half-open: 1 to 10 000. Default 1. */
  readonly maxConcurrentRequests?: number | undefined;
  /** Close or reopen by the failure rate of probes, instead of counting successes. Default: off. */
  readonly halfOpen?: HalfOpen | undefined;
  /** Ramp that lets traffic back in gradually after a recovery. Default: all at once. */
  readonly recovery?: Recovery | undefined;
  /** Rules for calls in flight, besides those for calls that have ended. Default: off. */
  readonly inFlight?: InFlight | undefined;
  /**
   * Time that a call may take: 1 to 2 147 483 647, or 0 or false for no limit. Default 30 000. Time in the queue of a policy
   * inside the breaker does not count.
   */
  readonly timeout?: number | false | undefined;
  /** Whether each call is measured. Default true; false saves one read of the clock per call. */
  readonly responseTimes?: boolean | undefined;
  /** Seed of the random numbers for `jitter`: a whole number from 0. Default: random. */
  readonly seed?: number | undefined;
}

/** Window of the calls in the last so many milliseconds. */
export interface TimeWindow {
  readonly type: 'time';
  /** Length in milliseconds. Default 60 000. */
  readonly duration?: number | undefined;
  /** Number of steps in which the window moves: 1 to 1 000. Default 10. */
  readonly buckets?: number | undefined;
}

/** Window of the last so many calls. */
export interface CountWindow {
  readonly type: 'count';
  /** Number of calls: 1 to 1 000 000. Default 100. */
  readonly size?: number | undefined;
}

/** Open time that grows with each failed recovery. */
export interface OpenTime {
  /** First open time, and the next one after a successful recovery. Default 60 000. */
  readonly initial?: number | undefined;
  /** Factor by which it grows: 1 to 100. Default 2. */
  readonly factor?: number | undefined;
  /** Longest open time. Default ten times `initial`. */
  readonly max?: number | undefined;
  /** Largest share of it that is cut off at random: 0 to 1. Default 0. */
  readonly jitter?: number | undefined;
}

/** Rule that closes or reopens the circuit by the failure rate of probes. */
export interface HalfOpen {
  /** Number of probes: 1 to 10 000. */
  readonly calls: number;
  /** Failed share of them that opens the circuit again: above 0, up to 1. */
  readonly failureRateThreshold: number;
}

/** Ramp back to full traffic. */
export interface Recovery {
  /** Milliseconds until every call is admitted again. */
  readonly ramp: number;
  /** Share of calls admitted at its start: above 0, up to 1. Default 0.1. */
  readonly initialShare?: number | undefined;
}

/**
 * Rules for calls in flight. A call is overdue once it has run for `slowCallDuration`; without that option for `timeout`, and
 * without either for the first open time.
 *
 * - An overdue call is slow. With `slowCallRateThreshold` it counts in that rate, as a call and as slow, until it ends. Its
 *   outcome then replaces it. So a dependency that hangs opens the circuit before any call has ended.
 * - While the dependency is unproven, at most `limit` calls may be unanswered. It is unproven before its first success. It
 *   becomes unproven again after `limit` bad signs in a row: calls that failed, were slow or became overdue, without a fast
 *   success between them. A fast success lifts the limit, and so do probes that close the circuit. An overdue call does not
 *   count against the limit, so that calls that never end cannot block all others.
 *
 * It is off by default, because it rejects calls while the circuit is closed: of a burst before the first answer, such as at
 * the start of a process, only `limit` calls are admitted. Each call also asks the engine, which takes a tenth of a
 * microsecond. `limit: false` rejects nothing, and only counts overdue calls as slow.
 *
 * Calls that were admitted within a fifteenth of that time become overdue together, with the last of them. A snapshot contains
 * neither the calls in flight nor whether the dependency was proven.
 */
export interface InFlight {
  /**
   * Number of unanswered calls allowed while the dependency is unproven: 1 to 1 000 000. As many bad signs in a row make it
   * unproven. Default 10. With 0 or false there is no limit, and `slowCallRateThreshold` is required. Further calls are
   * rejected with a {@link CircuitOpenError} of the reason `'in-flight-limit'`.
   */
  readonly limit?: number | false | undefined;
}
