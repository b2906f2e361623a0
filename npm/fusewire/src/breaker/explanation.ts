import type { Circuit } from './circuit.ts';
import { EXPLAIN, EXPLAIN_LENGTH } from '../engine/codes.ts';
import { numberOrNull, numberOrZero, wholeMilliseconds } from '../engine/readings.ts';
import { effectiveState, overrideOf } from '../engine/state-word.ts';
import { reasonName, stateName } from '../engine/names.ts';
import type { CircuitState, Override, TransitionReason } from '../engine/names.ts';
import { dateBefore } from '../time/times-of-day.ts';

/** Numbers behind the last decision and the next one. */
export interface Explanation {
  readonly name: string;
  /** State that callers experience. */
  readonly state: CircuitState;
  /** Override that an operator has set. */
  readonly override: Override;
  /** Number that grows with every transition, override and reset. */
  readonly generation: number;
  /** Reason of the last transition. */
  readonly reason: TransitionReason;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** Time at which the last transition became due; null before the first. */
  readonly at: Date | null;
  /** Count, rate or milliseconds that the reason is about, or null. */
  readonly observed: number | null;
  /** Limit that `observed` has reached, or null. */
  readonly threshold: number | null;
  /** Calls in the window. */
  readonly calls: number;
  /** Failures in the window. */
  readonly failures: number;
  /** Slow calls in the window. */
  readonly slowCalls: number;
  /** Failures in a row. */
  readonly consecutiveFailures: number;
  /** Limit of a rule, or null if the rule is off. */
  readonly failureThreshold: number | null;
  readonly consecutiveFailureThreshold: number | null;
  readonly failureRateThreshold: number | null;
  readonly slowCallRateThreshold: number | null;
  /** Calls that the window must hold before a rate rule applies. */
  readonly minimumCalls: number;
  /** Probes in flight. */
  readonly probesInFlight: number;
  /** Probes that succeeded since the circuit became half-open. */
  readonly probeSuccesses: number;
  /** Probes that failed since then. */
  readonly probeFailures: number;
  /** Successes that close the circuit; with `halfOpen`, probes whose failure rate decides. */
  readonly probesRequired: number;
  /** Milliseconds that the circuit stays open now; otherwise the next open time before jitter. */
  readonly openTime: number;
  /** Failed recoveries since the last successful one. */
  readonly openAttempts: number;
  /** Number of unanswered calls allowed while the dependency is unproven; null if `inFlight` sets no limit. */
  readonly inFlightLimit: number | null;
  /** Whether that limit applies now. */
  readonly capped: boolean;
  /** Calls in flight that are not overdue; 0 without `inFlight`. */
  readonly unansweredCalls: number;
  /** Calls in flight that are overdue, which count as slow; 0 without `inFlight`. */
  readonly overdueCalls: number;
  /** Calls in a row that failed, were slow or became overdue; 0 without `inFlight`. */
  readonly badSigns: number;
  /** Share of calls that the recovery ramp admits, 0 to 1; null without a ramp. */
  readonly rampShare: number | null;
  /** Whole milliseconds until a call may be admitted, rounded up; null if that is now, or an operator holds the circuit open. */
  readonly retryAfter: number | null;
}

const row = new Float64Array(EXPLAIN_LENGTH);

/** Returns the explanation of a circuit. @internal */
export function readExplanation(circuit: Circuit): Explanation {
  const now = circuit.read((backend, handle, present) => {
    backend.explain(handle, present, row);
    return present;
  });
  const at = (name: keyof typeof EXPLAIN) => row[EXPLAIN[name]] as number;
  const { word } = circuit;
  return {
    name: circuit.name,
    state: effectiveState(word),
    override: overrideOf(word),
    generation: numberOrZero(at('generation')),
    reason: reasonName(at('reason')),
    from: stateName(at('from')),
    to: stateName(at('to')),
    at: dateBefore(circuit.clock, now, at('age')),
    observed: numberOrNull(at('observed')),
    threshold: numberOrNull(at('threshold')),
    calls: numberOrZero(at('calls')),
    failures: numberOrZero(at('failures')),
    slowCalls: numberOrZero(at('slowCalls')),
    consecutiveFailures: numberOrZero(at('consecutiveFailures')),
    failureThreshold: numberOrNull(at('failureThreshold')),
    consecutiveFailureThreshold: numberOrNull(at('consecutiveFailureThreshold')),
    failureRateThreshold: numberOrNull(at('failureRateThreshold')),
    slowCallRateThreshold: numberOrNull(at('slowCallRateThreshold')),
    minimumCalls: numberOrZero(at('minimumCalls')),
    probesInFlight: numberOrZero(at('probesInFlight')),
    probeSuccesses: numberOrZero(at('probeSuccesses')),
    probeFailures: numberOrZero(at('probeFailures')),
    probesRequired: numberOrZero(at('probesRequired')),
    openTime: numberOrZero(at('openTime')),
    openAttempts: numberOrZero(at('openAttempts')),
    inFlightLimit: numberOrNull(at('inFlightLimit')),
    capped: at('capped') === 1,
    unansweredCalls: numberOrZero(at('unansweredCalls')),
    overdueCalls: numberOrZero(at('overdueCalls')),
    badSigns: numberOrZero(at('badSigns')),
    rampShare: numberOrNull(at('rampShare')),
    retryAfter: wholeMilliseconds(at('retryAfter')),
  };
}
