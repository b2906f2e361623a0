import type { Circuit } from './circuit.ts';
import { STATS, STATS_LENGTH } from '../engine/codes.ts';
import { numberOrZero, dateAfter, dateBefore, numberOrNull } from '../engine/readings.ts';
import { overrideName, stateName } from '../engine/names.ts';
import type { CircuitState, Override } from '../engine/names.ts';

/** Everything a breaker counts, as of one instant. Numbers are finite, or null where there is nothing to tell. */
export interface BreakerStats {
  readonly name: string;
  /** The state that callers experience. */
  readonly state: CircuitState;
  /** The standing order of an operator. */
  readonly override: Override;
  /** The state below the override. */
  readonly underlyingState: CircuitState;
  /** Failures in the window; of the probes while half-open; as they stood at the opening while open. */
  readonly failureCount: number;
  /** Successes, likewise. */
  readonly successCount: number;
  /** Slow calls in the window. */
  readonly slowCallCount: number;
  /** Failures in a row. */
  readonly consecutiveFailures: number;
  readonly lastFailureTime: Date | null;
  readonly lastSuccessTime: Date | null;
  /** What the last failure threw or rejected with; null before the first. */
  readonly lastError: unknown;
  /** When a call may be admitted; null where one would be admitted now, or where only an operator can tell. */
  readonly nextAttemptTime: Date | null;
  /** The same in milliseconds from now. */
  readonly retryAfter: number | null;
  /** Every call ever made: those below, and `inFlight`. */
  readonly totalRequests: number;
  readonly totalSuccesses: number;
  /** Timeouts among them. */
  readonly totalFailures: number;
  /** Calls that took longer than the option `timeout`, or than a timeout inside of the breaker lets them. */
  readonly totalTimeouts: number;
  /** Calls that were not admitted. */
  readonly totalRejected: number;
  /** Calls that counted neither way. */
  readonly totalIgnored: number;
  /** Calls that only shadow mode admitted. */
  readonly shadowRejected: number;
  /** Milliseconds. */
  readonly averageResponseTime: number | null;
  readonly responseTimes: ResponseTimes;
  /** Failed share of the calls in the window, 0 to 1. */
  readonly failureRate: number;
  /** Slow share of the calls in the window, 0 to 1. With `inFlight` calls that are overdue are among them. */
  readonly slowCallRate: number;
  /** Percentage of the breaker's life in which callers did not experience an open circuit. */
  readonly uptime: number;
  /** Moves between states that callers experience. */
  readonly stateChanges: number;
  /** Probes under way. */
  readonly probesInFlight: number;
  /** Calls under way that are overdue: 0 without `inFlight`. */
  readonly overdueCalls: number;
  /** Whether only so many calls may be without an answer, because the dependency is unproven; see `inFlight`. */
  readonly capped: boolean;
  /** Calls of this thread under way. */
  readonly inFlight: number;
  /** Calls whose work settled after they had timed out. */
  readonly lateCompletions: number;
  /** Listeners that threw or rejected. */
  readonly listenerErrors: number;
  /** `classify` and `isFailure` that threw or gave no answer, and clocks that threw. */
  readonly predicateErrors: number;
  /** Times the engine failed. After the first, every call passes. */
  readonly engineErrors: number;
}

/** Milliseconds that so many percent of the calls did not exceed, within 12.5 %; `max` is exact. */
export interface ResponseTimes {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

const row = new Float64Array(STATS_LENGTH);

/** Reads the stats of a circuit. @internal */
export function readStats(circuit: Circuit): BreakerStats {
  circuit.read((backend, handle, now) => backend.stats(handle, now, row));
  const at = (name: keyof typeof STATS) => row[STATS[name]] as number;
  const { inFlight, faultCounts } = circuit;
  const totalSuccesses = numberOrZero(at('totalSuccesses'));
  const totalFailures = numberOrZero(at('totalFailures'));
  const totalIgnored = numberOrZero(at('totalIgnored'));
  const totalRejected = numberOrZero(at('totalRejected'));
  const retryAfter = at('retryAfter');
  return {
    name: circuit.name,
    state: stateName(at('state')),
    override: overrideName(at('override')),
    underlyingState: stateName(at('underlyingState')),
    failureCount: numberOrZero(at('failureCount')),
    successCount: numberOrZero(at('successCount')),
    slowCallCount: numberOrZero(at('slowCallCount')),
    consecutiveFailures: numberOrZero(at('consecutiveFailures')),
    lastFailureTime: dateBefore(at('lastFailureAge')),
    lastSuccessTime: dateBefore(at('lastSuccessAge')),
    lastError: circuit.lastError ?? null,
    nextAttemptTime: retryAfter > 0 ? dateAfter(retryAfter) : null,
    retryAfter: numberOrNull(retryAfter),
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
