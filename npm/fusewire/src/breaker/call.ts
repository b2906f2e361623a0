import type { CallContext } from '../run/call-context.ts';
import type { Deadline, Deadlines } from '../time/deadlines.ts';
import type { SlotHolder } from '../run/slot-holder.ts';
import { Rejection } from '../run/promises.ts';
import type { AbortSource } from '../run/abort-signals.ts';

/** Work of one call: a function, or a promise whose work already runs. */
export type Work = ((context: CallContext) => unknown) | PromiseLike<unknown>;

/** Circuit that a call belongs to. The call reports its outcome once, and the circuit settles the permit. */
export interface CallOwner {
  /** Number of calls that were started and have not ended. */
  inFlight: number;
  succeeded(permit: number, value: unknown, started: number): void;
  failed(permit: number, error: unknown, started: number): void;
  /** Returns the error that the call rejects with. */
  timedOut(permit: number, started: number): unknown;
  aborted(permit: number, reason: unknown, started: number): void;
  recordFault(kind: 'lateCompletions'): void;
}

/** Number of ended calls that are kept for reuse. The garbage collector takes the rest, so that a burst holds no memory. */
const MAX_FREE_CALLS = 4_096;

const RUNNING = 0;
const TIMED_OUT = 1;
const ABORTED = 2;

let free: Call | undefined;
let freeCount = 0;

/**
 * One call that can time out, be aborted or be measured before its work settles. Ended calls are reused with their handlers.
 * A call that ended before its work is not reused, because its handlers may still be called.
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

  /** Starts a call. `started` is the time on the circuit's clock, or NaN if the call is not measured. */
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

  /** Returns a promise that the call can reject before its work settles. The handlers settle it and return nothing. */
  promise(): Promise<unknown> {
    return new Promise(this.#capture);
  }

  /** Adds the call to `deadlines`. */
  startDeadline(deadlines: Deadlines, now: number): void {
    this.#deadlines = deadlines;
    deadlines.add(this, now);
  }

  /** Subscribes the call to the aborts of `source`. */
  abortWith(source: AbortSource): void {
    this.#source = source;
    source.subscribe(this);
  }

  /** Rejects the call because its timeout has passed. */
  expire(): void {
    const { circuit, context, permit, started, reject } = this.#end(TIMED_OUT);
    const error = circuit.timedOut(permit, started);
    context.abort(error);
    reject?.(error);
  }

  /** Rejects the call because its caller has aborted. */
  abort(reason: unknown, holder?: SlotHolder): void {
    const { circuit, context, permit, started, reject } = this.#end(ABORTED);
    circuit.aborted(permit, reason, started);
    context.abort(reason, holder);
    reject?.(reason);
  }

  /** Counts work that settles after its call has timed out. */
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
