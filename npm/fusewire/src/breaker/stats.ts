import type { Circuit } from './circuit.ts';
import { STATS, STATS_LENGTH } from '../engine/codes.ts';
import { numberOrNull, numberOrZero, wholeMilliseconds } from '../engine/readings.ts';
import { overrideName, stateName } from '../engine/names.ts';
import type { CircuitState, Override } from '../engine/names.ts';
import type { ErrorSummary } from './error-summary.ts';
import { dateAfter, dateBefore } from '../time/times-of-day.ts';

/** Counters of a breaker at one instant. Numbers are finite, or null if there is no value. */
export interface BreakerStats {
  readonly name: string;
  /** State that callers experience. */
  readonly state: CircuitState;
  /** Override that an operator has set. */
  readonly override: Override;
  /** State without the override. */
  readonly underlyingState: CircuitState;
  /** Failures in the window; while half-open, failed probes; while open, the failures at the opening. */
  readonly failureCount: number;
  /** Successes, likewise. */
  readonly successCount: number;
  /** Slow calls in the window. */
  readonly slowCallCount: number;
  /** Failures in a row. */
  readonly consecutiveFailures: number;
  readonly lastFailureTime: Date | null;
  readonly lastSuccessTime: Date | null;
  /** Summary of the error of the last failure, without credentials; null before the first. */
  readonly lastError: ErrorSummary | null;
  /** Time at which a call may be admitted; null if that is now, or an operator holds the circuit open. */
  readonly nextAttemptTime: Date | null;
  /** Whole milliseconds until then, rounded up. */
  readonly retryAfter: number | null;
  /** All calls: successes, failures, rejected and ignored calls, and those in flight. */
  readonly totalRequests: number;
  readonly totalSuccesses: number;
  /** Failed calls, timeouts included. */
  readonly totalFailures: number;
  /** Calls that exceeded the option `timeout`, or the timeout of a policy inside the breaker. */
  readonly totalTimeouts: number;
  /** Calls that were not admitted. */
  readonly totalRejected: number;
  /** Calls that counted neither as a success nor as a failure. */
  readonly totalIgnored: number;
  /** Calls that would have been rejected without shadow mode. */
  readonly shadowRejected: number;
  /** Average duration of a call in milliseconds. */
  readonly averageResponseTime: number | null;
  readonly responseTimes: ResponseTimes;
  /** Failed share of the calls in the window, 0 to 1. */
  readonly failureRate: number;
  /** Slow share of the calls in the window, 0 to 1. With `inFlight` it includes overdue calls. */
  readonly slowCallRate: number;
  /** Percentage of the breaker's lifetime during which callers did not experience an open circuit. */
  readonly uptime: number;
  /** Transitions that callers experienced. */
  readonly stateChanges: number;
  /** Probes in flight. */
  readonly probesInFlight: number;
  /** Calls in flight that are overdue; 0 without `inFlight`. */
  readonly overdueCalls: number;
  /** Whether the limit on unanswered calls applies, because the dependency is unproven; see `inFlight`. */
  readonly capped: boolean;
  /** Calls of this thread in flight. */
  readonly inFlight: number;
  /** Calls whose work settled after they had timed out. */
  readonly lateCompletions: number;
  /** Listeners that threw or rejected. */
  readonly listenerErrors: number;
  /** Errors of `classify`, `isFailure` and `clock`: they threw, or returned something invalid. */
  readonly predicateErrors: number;
  /** Failures of the engine. After the first, every call is admitted. */
  readonly engineErrors: number;
}

/** Percentiles of the response times in milliseconds, within 12.5 %; `max` is exact. */
export interface ResponseTimes {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

const row = new Float64Array(STATS_LENGTH);

/** Returns the stats of a circuit. @internal */
export function readStats(circuit: Circuit): BreakerStats {
  const now = circuit.read((backend, handle, present) => {
    backend.stats(handle, present, row);
    return present;
  });
  const at = (name: keyof typeof STATS) => row[STATS[name]] as number;
  const { clock, inFlight, faultCounts } = circuit;
  const totalSuccesses = numberOrZero(at('totalSuccesses'));
  const totalFailures = numberOrZero(at('totalFailures'));
  const totalIgnored = numberOrZero(at('totalIgnored'));
  const totalRejected = numberOrZero(at('totalRejected'));
  const retryAfter = wholeMilliseconds(at('retryAfter'));
  return {
    name: circuit.name,
    state: circuit.enabled ? stateName(at('state')) : 'CLOSED',
    override: overrideName(at('override')),
    underlyingState: stateName(at('underlyingState')),
    failureCount: numberOrZero(at('failureCount')),
    successCount: numberOrZero(at('successCount')),
    slowCallCount: numberOrZero(at('slowCallCount')),
    consecutiveFailures: numberOrZero(at('consecutiveFailures')),
    lastFailureTime: dateBefore(clock, now, at('lastFailureAge')),
    lastSuccessTime: dateBefore(clock, now, at('lastSuccessAge')),
    lastError: circuit.lastErrorSummary,
    nextAttemptTime: retryAfter !== null && retryAfter > 0 ? dateAfter(clock, now, at('retryAfter')) : null,
    retryAfter,
    totalRequests: totalSuccesses + totalFailures + totalIgnored + totalRejected + inFlight,
    totalSuccesses,
    totalFailures,
    totalTimeouts: numberOrZero(at('totalTimeouts')),
    totalRejected,
    totalIgnored,
    shadowRejected: numberOrZero(at('shadowRejected')),
    averageResponseTime: numberOrNull(at('averageResponseTime')),
    responseTimes: {
      p50: numberOrNull(at('p50')),
      p90: numberOrNull(at('p90')),
      p95: numberOrNull(at('p95')),
      p99: numberOrNull(at('p99')),
      max: numberOrNull(at('max')),
    },
    failureRate: numberOrZero(at('failureRate')),
    slowCallRate: numberOrZero(at('slowCallRate')),
    uptime: Number.isFinite(at('uptime')) ? at('uptime') : 100,
    stateChanges: numberOrZero(at('stateChanges')),
    probesInFlight: numberOrZero(at('probesInFlight')),
    overdueCalls: numberOrZero(at('overdueCalls')),
    capped: at('capped') === 1,
    inFlight,
    lateCompletions: faultCounts?.lateCompletions ?? 0,
    listenerErrors: faultCounts?.listenerErrors ?? 0,
    predicateErrors: faultCounts?.predicateErrors ?? 0,
    engineErrors: faultCounts?.engineErrors ?? 0,
  };
}
