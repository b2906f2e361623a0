import { CircuitOpenError } from '../errors/circuit-open-error.ts';
import { createError } from '../errors/stacks.ts';
import { rejectingState, rejectionName } from '../engine/names.ts';
import { wholeMilliseconds } from '../engine/readings.ts';
import type { Listeners } from './listeners.ts';
import type { Clock } from '../time/clock.ts';
import { dateAfter } from '../time/times-of-day.ts';

/** Circuit that rejects a call. */
interface RejectingCircuit {
  readonly name: string;
  readonly clock: Clock;
  readonly listeners: Listeners | undefined;
  readonly lastError: unknown;
}

/** Emits the rejection of a call at `now`, and returns its error. `wait` is the engine's reading of the time until an admission. */
export function rejectCall(
  circuit: RejectingCircuit,
  code: number,
  now: number,
  wait: number,
  withStack: boolean,
): CircuitOpenError {
  const retryAfter = emitRejection(circuit, code, wait);
  const { name, clock, lastError } = circuit;
  const state = rejectingState(code);
  const reason = rejectionName(code);
  const nextAttempt = (): Date | null => {
    const present = clock();
    return dateAfter(clock, present, wait - Math.max(0, present - now));
  };
  return createError(withStack, CircuitOpenError, name, state, reason, retryAfter, lastError, nextAttempt);
}

/** Emits the rejection of a call, and returns its result. */
export function rejectionResult(circuit: RejectingCircuit, code: number, wait: number): Promise<unknown> {
  const retryAfter = emitRejection(circuit, code, wait);
  return Promise.resolve({ status: 'rejected', reason: rejectionName(code), state: rejectingState(code), retryAfter });
}

function emitRejection({ name, listeners }: RejectingCircuit, code: number, wait: number): number | null {
  const retryAfter = wholeMilliseconds(wait);
  if (listeners?.has('reject')) listeners.emit('reject', { breaker: name, reason: rejectionName(code), retryAfter });
  return retryAfter;
}
