import type { Call, CallOwner } from './call.ts';
import { isFailedResult } from './classification.ts';
import type { Classifier } from './classification.ts';
import type { CallContext } from '../run/call-context.ts';

/** Circuit that admits the operations of a queue. */
export interface ReplayCircuit extends CallOwner, Classifier {
  recordFault(kind: 'lateCompletions' | 'predicateErrors', message?: string, error?: unknown): void;
  /** Settles an operation as a success, or as ignored. */
  settleReplay(permit: number, failed: boolean, reason: unknown): void;
  /** Returns the error of a call that has timed out. */
  timeoutError(context: CallContext): unknown;
}

/**
 * Owner of the replayed operations of a queue. The circuit admits them, and a success counts. A failure is ignored, like the
 * duration: the message may be at fault, and would open the circuit for healthy live calls with each attempt.
 */
export class ReplayOwner implements CallOwner {
  readonly #circuit: ReplayCircuit;

  constructor(circuit: ReplayCircuit) {
    this.#circuit = circuit;
  }

  get inFlight(): number {
    return this.#circuit.inFlight;
  }

  set inFlight(count: number) {
    this.#circuit.inFlight = count;
  }

  succeeded(permit: number, value: unknown): void {
    this.#circuit.settleReplay(permit, isFailedResult(this.#circuit, value), undefined);
  }

  failed(permit: number, error: unknown): void {
    this.#circuit.settleReplay(permit, true, error);
  }

  ignored(permit: number, reason: unknown): void {
    this.#circuit.settleReplay(permit, true, reason);
  }

  aborted(permit: number, reason: unknown): void {
    this.#circuit.settleReplay(permit, true, reason);
  }

  timedOut(permit: number, _started: number, context: CallContext): unknown {
    const error = this.#circuit.timeoutError(context);
    this.#circuit.settleReplay(permit, true, error);
    return error;
  }

  withdraw(permit: number): number {
    return this.#circuit.withdraw(permit);
  }

  admitAgain(call: Call): Promise<never> | undefined {
    return this.#circuit.admitAgain(call);
  }

  recordFault(kind: 'lateCompletions'): void {
    this.#circuit.recordFault(kind);
  }
}
