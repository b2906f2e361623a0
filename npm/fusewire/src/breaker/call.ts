import type { Classifier } from '../classification/classifier.ts';
import type { CallContext } from '../run/call-context.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { LimitedRun } from '../run/limited-run.ts';
import { Rejection } from '../run/promises.ts';

/** Work of one call: a function, or a promise whose work already runs. */
export type Work = ((context: CallContext) => unknown) | PromiseLike<unknown>;

/** Circuit that a call belongs to. The call reports its outcome once, and the circuit settles the permit. */
export interface CallOwner {
  /** Number of calls that were started and have not ended. */
  inFlight: number;
  /** @param outer classifier of the pipeline around the call. */
  succeeded(permit: number, value: unknown, started: number, outer?: Classifier): void;
  failed(permit: number, error: unknown, started: number, outer?: Classifier, hasSignal?: boolean): void;
  /** Records a call that counts neither way. */
  ignored(permit: number, reason: unknown, started: number): void;
  /** Records a call that its caller, or a policy around it, has ended. */
  aborted(permit: number, reason: unknown, started: number): void;
  /** Returns the error that the call rejects with. */
  timedOut(permit: number, started: number, context: CallContext): unknown;
  /** Gives back the permit of a call that waits in a queue. Returns the permit with which it may still settle. */
  withdraw(permit: number): number;
  /** Asks for a new permit, now that the wait is over. */
  admitAgain(call: Call): Promise<never> | undefined;
  recordFault(kind: 'lateCompletions'): void;
}

/** Number of ended calls that are kept for reuse. The garbage collector takes the rest, so that a burst holds no memory. */
const MAX_FREE_CALLS = 4_096;

/** Calls that can settle in the circuit. */
const RUNNING = 0;
/** Calls that wait in a queue inside, and hold no permit meanwhile. */
const WAITING = 1;
/** Calls that the circuit has rejected after they had waited. */
const REJECTED = 2;
const TIMED_OUT = 3;
const ENDED = 4;
/** Calls whose permit was given back without an outcome. */
const DROPPED = 5;

let free: Call | undefined;
let freeCount = 0;

/**
 * One call of a circuit that can time out, be aborted or be measured before its work settles. Closed calls are reused with
 * their handlers, except for those that ended early, because their handlers may still be called.
 */
export class Call extends LimitedRun {
  /** Classifier of the pipeline around the call. */
  classifier: Classifier | undefined;
  /** Whether the caller has given a signal. */
  hasSignal = false;
  #circuit: CallOwner | undefined;
  #context: CallContext | undefined;
  #permit = 0;
  #started = 0;
  #stage = RUNNING;
  #nextFree: Call | undefined;

  /** Starts a call. `started` is the time on the circuit's clock. */
  static start(circuit: CallOwner, permit: number, started: number): Call {
    let call = free;
    if (call === undefined) {
      call = new Call();
    } else {
      free = call.#nextFree;
      freeCount--;
      call.#nextFree = undefined;
      call.isOpen = true;
    }
    call.#circuit = circuit;
    call.#permit = permit;
    call.#started = started;
    circuit.inFlight++;
    return call;
  }

  /** Sets the context of the work, which an early end aborts. */
  set context(context: CallContext) {
    this.#context = context;
  }

  override suspend(): void {
    if (this.isOpen && this.#stage === RUNNING) {
      this.stopDeadline();
      this.#stage = WAITING;
      this.#permit = (this.#circuit as CallOwner).withdraw(this.#permit);
    }
    super.suspend();
  }

  override resume(): Promise<never> | undefined {
    const rejected = super.resume();
    if (rejected !== undefined || !this.isOpen || this.#stage !== WAITING) return rejected;
    return (this.#circuit as CallOwner).admitAgain(this);
  }

  /** Restarts the call with a new permit. */
  restart(permit: number, started: number, timeout: Deadlines | undefined): void {
    this.#stage = RUNNING;
    this.#permit = permit;
    this.#started = started;
    if (timeout !== undefined) this.startDeadline(timeout);
  }

  /** Marks the call as rejected by the circuit. */
  rejectAfterWait(): void {
    this.#stage = REJECTED;
  }

  /** Settles an open call that counts neither way. Its work is not aborted. */
  drop(): void {
    if (!this.isOpen) return;
    this.#stage = DROPPED;
    this.workFailed(undefined);
  }

  protected override succeeded(value: unknown): unknown {
    const circuit = this.#circuit as CallOwner;
    const permit = this.#permit;
    const started = this.#started;
    const { fulfil, classifier } = this;
    this.close();
    circuit.succeeded(permit, value, started, classifier);
    return fulfil === undefined ? value : fulfil(value);
  }

  protected override failed(error: unknown): unknown {
    const circuit = this.#circuit as CallOwner;
    const permit = this.#permit;
    const started = this.#started;
    const stage = this.#stage;
    const { refuse, classifier, hasSignal } = this;
    this.close();
    if (stage === RUNNING) circuit.failed(permit, error, started, classifier, hasSignal);
    else if (stage === WAITING) circuit.ignored(permit, error, Number.NaN);
    else if (stage === DROPPED) circuit.ignored(permit, error, started);
    return refuse === undefined ? new Rejection(error) : refuse(error);
  }

  override end(reason: unknown): void {
    if (!this.isOpen) return;
    const stage = this.#stage;
    this.#stage = ENDED;
    this.endWith(() => {
      const circuit = this.#circuit as CallOwner;
      // While it waits, the call holds no permit, and its end says nothing about the dependency.
      if (stage === WAITING) circuit.ignored(this.#permit, reason, Number.NaN);
      else if (stage !== REJECTED) circuit.aborted(this.#permit, reason, this.#started);
      return reason;
    });
  }

  protected override timedOut(): void {
    this.#stage = TIMED_OUT;
    this.endWith(() =>
      (this.#circuit as CallOwner).timedOut(this.#permit, this.#started, this.#context as CallContext),
    );
  }

  override endAttemptLimit(): boolean {
    this.stopDeadline();
    return true;
  }

  override timeoutCause(): unknown {
    return this.#context?.timeoutCause();
  }

  protected override abortInside(reason: unknown): void {
    (this.#context as CallContext).abort(reason);
  }

  protected override close(): void {
    (this.#circuit as CallOwner).inFlight--;
    super.close();
  }

  /** Keeps a call whose work has settled for reuse, and counts work that settles after its call has timed out. */
  protected override idle(): void {
    if (this.#stage === TIMED_OUT) (this.#circuit as CallOwner).recordFault('lateCompletions');
    else if (this.#stage !== ENDED) this.#recycle();
  }

  #recycle(): void {
    this.#circuit = undefined;
    this.#context = undefined;
    this.#stage = RUNNING;
    this.parent = undefined;
    this.scope = undefined;
    if (this.classifier !== undefined) this.classifier = undefined;
    if (this.hasSignal) this.hasSignal = false;
    if (freeCount >= MAX_FREE_CALLS) return;
    this.#nextFree = free;
    free = this;
    freeCount++;
  }
}
