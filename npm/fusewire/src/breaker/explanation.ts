import type { Circuit } from './circuit.ts';
import { EXPLAIN, EXPLAIN_LENGTH } from '../engine/codes.ts';
import { numberOrZero, dateBefore, numberOrNull } from '../engine/readings.ts';
import { effectiveState, overrideOf } from '../engine/state-word.ts';
import { reasonName, stateName } from '../engine/names.ts';
import type { CircuitState, Override, TransitionReason } from '../engine/names.ts';

/** The numbers behind the last decision and the next one. */
export interface Explanation {
  readonly name: string;
  /** The state that callers experience. */
  readonly state: CircuitState;
  /** The standing order of an operator. */
  readonly override: Override;
  /** Which stretch of the breaker's life this is: it moves at every transition, override and reset. */
  readonly generation: number;
  /** Why the last transition happened. */
  readonly reason: TransitionReason;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** When it became due; null before the first. */
  readonly at: Date | null;
  /** The count, rate or milliseconds that the reason is about; null where it is about none. */
  readonly observed: number | null;
  /** What `observed` reached; null where nothing was to be reached. */
  readonly threshold: number | null;
  /** Calls in the window. */
  readonly calls: number;
  /** Failures in the window. */
  readonly failures: number;
  /** Slow calls in the window. */
  readonly slowCalls: number;
  /** Failures in a row. */
  readonly consecutiveFailures: number;
  /** The rules, null where they are off. */
  readonly failureThreshold: number | null;
  readonly consecutiveFailureThreshold: number | null;
  readonly failureRateThreshold: number | null;
  readonly slowCallRateThreshold: number | null;
  /** Calls the window must hold before a rate is looked at. */
  readonly minimumCalls: number;
  /** Probes under way. */
  readonly probesInFlight: number;
  /** Probes that succeeded since the circuit became half-open. */
  readonly probeSuccesses: number;
  /** Probes that failed since then. */
  readonly probeFailures: number;
  /** Successes that close the circuit, or probes to be judged. */
  readonly probesRequired: number;
  /** Milliseconds: the present open time, or the next one before jitter. */
  readonly openTime: number;
  /** Recoveries that failed since the last one that succeeded. */
  readonly openAttempts: number;
  /** How many calls may be without an answer while the dependency is unproven; null where `inFlight` sets no limit. */
  readonly inFlightLimit: number | null;
  /** Whether that limit holds now. */
  readonly capped: boolean;
  /** Calls under way that are neither answered nor overdue: 0 without `inFlight`. */
  readonly unansweredCalls: number;
  /** Calls under way that are overdue, and so slow already: 0 without `inFlight`. */
  readonly overdueCalls: number;
  /** Calls in a row that failed, were slow or became overdue: 0 without `inFlight`. */
  readonly badSigns: number;
  /** The share of calls that the ramp admits, 0 to 1; null where there is no ramp under way. */
  readonly rampShare: number | null;
  /** Milliseconds until a call may be admitted; null where one would be admitted now, or only an operator can tell. */
  readonly retryAfter: number | null;
}

const row = new Float64Array(EXPLAIN_LENGTH);

/** Reads the explanation of a circuit. @internal */
export function readExplanation(circuit: Circuit): Explanation {
  circuit.read((backend, handle, now) => backend.explain(handle, now, row));
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
    at: dateBefore(at('age')),
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
    retryAfter: numberOrNull(at('retryAfter')),
  };
}
