import type { Backend } from '../engine/backend.ts';
import { EXPLAIN, EXPLAIN_LENGTH, OUTCOME } from '../engine/codes.ts';
import { numberOrNull, wholeMilliseconds } from '../engine/readings.ts';
import type { Listeners } from './listeners.ts';
import { effectiveState, overrideOf, underlyingState } from '../engine/state-word.ts';
import { reasonName } from '../engine/names.ts';
import type { Opening } from './opening.ts';
import type { Clock } from '../time/clock.ts';
import { dateBefore } from '../time/times-of-day.ts';

const row = new Float64Array(EXPLAIN_LENGTH);

/** Circuit whose transitions are emitted. */
export interface TransitionSource {
  readonly name: string;
  readonly backend: Backend;
  readonly handle: number;
  readonly clock: Clock;
  /** State word after the transition. */
  readonly word: number;
  /** Returns the decision that opened the circuit. */
  openingAt(now: number): Opening;
}

/** Emits `stateChange` if the state changed for callers; in shadow mode, if it would have changed. */
export function emitTransition(circuit: TransitionSource, listeners: Listeners, before: number, now: number): void {
  const { word } = circuit;
  const shadow = overrideOf(before) === 'SHADOW' && overrideOf(word) === 'SHADOW';
  const stateOf = shadow ? underlyingState : effectiveState;
  const from = stateOf(before);
  const to = stateOf(word);
  if (from === to) return;
  const opening = to === 'OPEN' && overrideOf(word) !== 'FORCED_OPEN' ? circuit.openingAt(now).text : undefined;
  circuit.backend.explain(circuit.handle, now, row);
  const reason = reasonName(row[EXPLAIN.reason] as number);
  const wait = opening === undefined ? null : wholeMilliseconds(row[EXPLAIN.retryAfter] as number);
  const next = wait === null || wait === 0 ? '' : `; next attempt in ${Math.ceil(wait / 1_000)} s`;
  const words = opening === undefined ? ` (${reason})` : `: ${opening}${next}`;
  listeners.emit('stateChange', {
    breaker: circuit.name,
    from,
    to,
    reason,
    message: `Circuit breaker ${circuit.name}: ${from} to ${to}${shadow ? ' in shadow mode' : ''}${words}`,
    shadow,
    at: dateBefore(circuit.clock, now, row[EXPLAIN.age] as number) ?? new Date(),
    observed: numberOrNull(row[EXPLAIN.observed] as number),
    threshold: numberOrNull(row[EXPLAIN.threshold] as number),
  });
}

/** Emits the event of a call's outcome. `measured` is its duration, or NaN if it was not measured. */
export function emitOutcome(
  listeners: Listeners,
  breaker: string,
  outcome: number,
  measured: number,
  error: unknown,
): void {
  const duration = Number.isFinite(measured) ? Math.max(0, measured) : null;
  if (outcome === OUTCOME.SUCCESS) {
    if (listeners.has('success')) listeners.emit('success', { breaker, duration });
  } else if (outcome === OUTCOME.IGNORED || outcome === OUTCOME.ABORTED) {
    if (listeners.has('ignore')) listeners.emit('ignore', { breaker, error, duration });
  } else {
    if (outcome === OUTCOME.TIMEOUT && listeners.has('timeout')) {
      listeners.emit('timeout', { breaker, error, duration });
    }
    if (listeners.has('failure')) listeners.emit('failure', { breaker, error, duration });
  }
}
