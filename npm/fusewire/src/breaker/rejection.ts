import { REJECTED } from '../engine/codes.ts';
import { rejectingState, rejectionName } from '../engine/names.ts';
import { wholeMilliseconds } from '../engine/readings.ts';
import { CircuitOpenError, rejectionMessage } from '../errors/circuit-open-error.ts';
import { createError } from '../errors/stacks.ts';
import type { RejectedResult } from '../run/results.ts';
import type { Clock } from '../time/clock.ts';
import { dateAfter } from '../time/times-of-day.ts';
import type { Listeners } from './listeners.ts';
import { FORCED_OPENING } from './opening.ts';
import type { Opening } from './opening.ts';

/** Circuit that rejects a call. */
interface RejectingCircuit {
  readonly name: string;
  readonly clock: Clock;
  readonly listeners: Listeners | undefined;
  readonly lastError: unknown;
  /** Decision that opened the circuit the last time, if it is known. */
  readonly opening: Opening | undefined;
  /** Returns that decision. */
  openingAt(now: number): Opening;
  /** Message of the last rejection, which the next ones share. */
  rejectionMessage: RejectionMessage | undefined;
}

/** Message of rejections, which stays the same for up to a second. */
export interface RejectionMessage {
  readonly code: number;
  readonly opening: Opening | undefined;
  readonly seconds: number;
  readonly text: string;
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
  return createRejection(circuit, code, now + wait, retryAfter, circuit.opening, withStack);
}

/** Emits the rejection of a call, and returns its result. */
export function rejectionResult(
  circuit: RejectingCircuit,
  code: number,
  now: number,
  wait: number,
  withStack: boolean,
): Promise<RejectedResult> {
  const result = new CircuitRejection(circuit, code, now + wait, emitRejection(circuit, code, wait));
  // The stack of a later reading would be another one.
  if (withStack) result.createError(circuit.opening, true);
  return Promise.resolve(result);
}

/** Result of a rejection, which creates its error when it is first read. It has few fields, because many are created. */
class CircuitRejection implements RejectedResult {
  declare readonly status: 'rejected';
  declare readonly retryAfter: number | null;
  readonly #circuit: RejectingCircuit;
  readonly #code: number;
  /** Time at which a call may be admitted, on the clock of the circuit. */
  readonly #due: number;
  /** Error, once it has been created; until then the decision that opened the circuit. */
  #error: CircuitOpenError | Opening | undefined;

  constructor(circuit: RejectingCircuit, code: number, due: number, retryAfter: number | null) {
    this.status = 'rejected';
    this.retryAfter = retryAfter;
    this.#circuit = circuit;
    this.#code = code;
    this.#due = due;
    this.#error = circuit.opening;
  }

  get rejection(): CircuitOpenError {
    return this.#error instanceof Error ? this.#error : this.createError(this.#error, false);
  }

  createError(opening: Opening | undefined, withStack: boolean): CircuitOpenError {
    const error = createRejection(this.#circuit, this.#code, this.#due, this.retryAfter, opening, withStack);
    return (this.#error = error);
  }
}

// A promise that is resolved with a result looks for its `then`, and finds at once that there is none.
Object.defineProperty(CircuitRejection.prototype, 'then', { value: undefined });

function emitRejection({ name, listeners }: RejectingCircuit, code: number, wait: number): number | null {
  const retryAfter = wholeMilliseconds(wait);
  if (listeners?.has('reject')) listeners.emit('reject', { breaker: name, reason: rejectionName(code), retryAfter });
  return retryAfter;
}

function createRejection(
  circuit: RejectingCircuit,
  code: number,
  due: number,
  retryAfter: number | null,
  known: Opening | undefined,
  withStack: boolean,
): CircuitOpenError {
  const { name, clock, lastError } = circuit;
  const opening = openingOf(circuit, code, known);
  const message = messageOf(circuit, code, retryAfter, opening);
  const nextAttempt = (): Date | null => {
    const present = clock();
    // A clock of the user may go back.
    return dateAfter(clock, present, Math.min(due - present, retryAfter ?? due));
  };
  const state = rejectingState(code);
  const reason = rejectionName(code);
  return createError(
    withStack,
    CircuitOpenError,
    name,
    state,
    reason,
    retryAfter,
    lastError,
    nextAttempt,
    opening,
    message,
  );
}

function openingOf(circuit: RejectingCircuit, code: number, known: Opening | undefined): Opening | undefined {
  switch (code) {
    case REJECTED.FORCED_OPEN:
      return FORCED_OPENING;
    case REJECTED.IN_FLIGHT_LIMIT:
      return undefined;
    default:
      return known ?? circuit.openingAt(circuit.clock());
  }
}

function messageOf(
  circuit: RejectingCircuit,
  code: number,
  retryAfter: number | null,
  opening: Opening | undefined,
): string {
  const seconds = retryAfter === null ? 0 : Math.ceil(retryAfter / 1_000);
  const last = circuit.rejectionMessage;
  if (last?.opening === opening && last?.seconds === seconds && last.code === code) return last.text;
  const text = rejectionMessage(circuit.name, rejectingState(code), rejectionName(code), opening?.text, seconds);
  circuit.rejectionMessage = { code, opening, seconds, text };
  return text;
}
