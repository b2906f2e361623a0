import type { CallContext } from '../run/call-context.ts';
import type { Deadline, Deadlines } from '../time/deadlines.ts';
import type { SlotHolder } from '../run/slot-holder.ts';
import { Rejection } from '../run/promises.ts';
import type { AbortSource } from '../run/abort-signals.ts';

/** The circuit that a call belongs to: it is told once how the call ended, and hands the permit back. */
export interface CallOwner {
  /** Calls that were started and have not ended. */
  inFlight: number;
  succeeded(permit: number, value: unknown, started: number): void;
  failed(permit: number, error: unknown, started: number): void;
  /** Returns the error that the caller rejects with. */
  timedOut(permit: number, started: number): unknown;
  aborted(permit: number, reason: unknown, started: number): void;
  recordFault(kind: 'lateCompletions'): void;
}

/** Free calls beyond this many are left to the collector: a burst must not hold memory for ever. */
const MAX_FREE_CALLS = 4_096;

const RUNNING = 0;
const TIMED_OUT = 1;
const ABORTED = 2;

let free: Call | undefined;
let freeCount = 0;

/**
 * A call that must be found again before its work settles: to time it out, to abort it, or to measure it. Calls are used
 * again and again with the handlers they were made with. One that ended before its work did is not, for its handlers
 * may still be called.
 */
export class Call implements Deadline {
  deadline = 0;
  previous: Deadline | undefined;
  next: Deadline | undefined;

  readonly onSuccess: (value: unknown) => unknown;
  readonly onFailure: (error: unknown) => unknown;

  #circuit: CallOwner | undefined;
  #context: CallContext | undefined;
  #permit = 0;
  #started = 0;
  #stage = RUNNING;
  #deadlines: Deadlines | undefined;
  #source: AbortSource | undefined;
  #nextFree: Call | undefined;
  #resolve: ((value: unknown) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;
  readonly #capture: (resolve: (value: unknown) => void, reject: (reason: unknown) => void) => void;

  private constructor() {
    this.#capture = (resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    };
    this.onSuccess = (value) => {
      if (this.#stage !== RUNNING) return this.#recordLateCompletion();
      const circuit = this.#circuit as CallOwner;
      const permit = this.#permit;
      const started = this.#started;
      const resolve = this.#resolve;
      this.#recycle();
      circuit.succeeded(permit, value, started);
      return resolve === undefined ? value : resolve(value);
    };
    this.onFailure = (error) => {
      if (this.#stage !== RUNNING) return this.#recordLateCompletion();
      const circuit = this.#circuit as CallOwner;
      const permit = this.#permit;
      const started = this.#started;
      const reject = this.#reject;
      this.#recycle();
      circuit.failed(permit, error, started);
      return reject === undefined ? new Rejection(error) : reject(error);
    };
  }

  /** Starts a call. `started` is the time on the circuit's clock, NaN where the call is not measured. */
  static start(circuit: CallOwner, context: CallContext, permit: number, started: number): Call {
    let call = free;
    if (call === undefined) {
      call = new Call();
    } else {
      free = call.#nextFree;
      freeCount--;
      call.#nextFree = undefined;
    }
    call.#circuit = circuit;
    call.#context = context;
    call.#permit = permit;
    call.#started = started;
    circuit.inFlight++;
    return call;
  }

  /** A promise of the result that can be rejected before the work settles. The handlers then return nothing. */
  promise(): Promise<unknown> {
    return new Promise(this.#capture);
  }

  startDeadline(deadlines: Deadlines, now: number): void {
    this.#deadlines = deadlines;
    deadlines.add(this, now);
  }

  abortWith(source: AbortSource): void {
    this.#source = source;
    source.subscribe(this);
  }

  /** The call timeout has passed. */
  expire(): void {
    const { circuit, context, permit, started, reject } = this.#end(TIMED_OUT);
    const error = circuit.timedOut(permit, started);
    context.abort(error);
    reject?.(error);
  }

  /** The caller has aborted. */
  abort(reason: unknown, holder?: SlotHolder): void {
    const { circuit, context, permit, started, reject } = this.#end(ABORTED);
    circuit.aborted(permit, reason, started);
    context.abort(reason, holder);
    reject?.(reason);
  }

  /** The work settles after its caller was told otherwise. */
  #recordLateCompletion(): void {
    this.#circuit?.recordFault('lateCompletions');
    this.#circuit = undefined;
  }

  #end(stage: number) {
    const circuit = this.#circuit as CallOwner;
    const context = this.#context as CallContext;
    const ended = { circuit, context, permit: this.#permit, started: this.#started, reject: this.#reject };
    this.#stage = stage;
    this.#detach();
    if (stage === TIMED_OUT) this.#circuit = circuit;
    return ended;
  }

  #recycle(): void {
    this.#detach();
    if (freeCount >= MAX_FREE_CALLS) return;
    this.#nextFree = free;
    free = this;
    freeCount++;
  }

  #detach(): void {
    (this.#circuit as CallOwner).inFlight--;
    this.#deadlines?.remove(this);
    this.#source?.unsubscribe(this);
    this.#circuit = undefined;
    this.#context = undefined;
    this.#deadlines = undefined;
    this.#source = undefined;
    this.#resolve = undefined;
    this.#reject = undefined;
  }
}
