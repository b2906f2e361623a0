import type { Deadlines } from '../time/deadlines.ts';
import { requestTimers } from '../time/request-timers.ts';
import { callInScope, captureScope } from './async-scope.ts';
import type { LayerContext } from './layer-context.ts';
import type { LayerWork } from './layer.ts';
import { LimitedRun } from './limited-run.ts';
import { suppressUnhandledRejection } from './promises.ts';

/** Queue of calls that wait for a turn, such as a slot or a token. */
export interface TurnQueue<Turn> {
  /** Starts a call whose turn it is. */
  start(turn: Turn, work: LayerWork, outer: LayerContext): Promise<unknown>;
  /** Takes back the turn of a call that does not start. */
  takeBack(turn: Turn): void;
  /** Removes a call that ends before its turn. */
  leave(waiting: WaitingRun<Turn>, timedOut: boolean): void;
  /** Returns the error of a call that has waited for too long. */
  timeoutError?(): unknown;
  /** Called when a call has rejected because it had waited for too long. */
  onTimeout?(error: unknown): void;
  /** Grants turns that are due. A waiting call asks for it now and then, because the timer of another call may be gone. */
  recheck?(): void;
}

/** Call that waits for its turn. The run around it does not count the wait, and may reject the call when it is over. */
export class WaitingRun<Turn> extends LimitedRun {
  /** Number by which the queue finds the call. */
  readonly ticket: number;
  readonly promise: Promise<unknown>;
  readonly #queue: TurnQueue<Turn>;
  readonly #work: LayerWork;
  readonly #outer: LayerContext;
  #turn: { readonly granted: Turn } | undefined;
  #hasTimedOut = false;
  #isDropped = false;
  #wakeRequest: (() => void) | undefined;

  constructor(queue: TurnQueue<Turn>, work: LayerWork, outer: LayerContext, ticket: number) {
    super();
    this.#queue = queue;
    this.#work = work;
    this.#outer = outer;
    this.ticket = ticket;
    this.parent = outer.run;
    this.scope = captureScope();
    this.promise = this.createPromise();
    if (requestTimers !== undefined) {
      // What the work opens belongs to the request that starts it, so that a turn from another request only wakes this one.
      const woken = new Promise<void>((resolve) => (this.#wakeRequest = resolve));
      requestTimers.keepAlive(woken, () => queue.recheck?.());
      void woken.then(() => this.#start());
    }
  }

  /** Begins to wait, with a deadline if there is one. */
  wait(deadlines?: Deadlines): Promise<unknown> {
    this.parent?.suspend();
    // A listener may have freed a turn for the call.
    if (this.isOpen && this.#turn === undefined) {
      if (deadlines !== undefined) this.startDeadline(deadlines);
      this.listenTo(this.#outer.abortSource);
    }
    return this.promise;
  }

  /** Starts the call: at once, or in the next turn of its own request. */
  grant(turn: Turn): void {
    this.stopDeadline();
    this.#turn = { granted: turn };
    if (this.#wakeRequest === undefined) callInScope(this.scope, () => this.#start());
    else this.#wakeRequest();
  }

  /** Ends the call, which its queue has removed already. */
  drop(error: unknown): void {
    this.#isDropped = true;
    this.abort(error);
  }

  override timeoutCause(): unknown {
    return this.#queue.timeoutError?.();
  }

  protected override timedOut(): void {
    this.#hasTimedOut = true;
    const error = this.#queue.timeoutError?.();
    this.end(error);
    this.#queue.onTimeout?.(error);
  }

  protected override abortInside(): void {
    if (this.#isDropped) return;
    if (this.#turn === undefined) this.#queue.leave(this, this.#hasTimedOut);
    else this.#queue.takeBack(this.#turn.granted);
  }

  protected override close(): void {
    super.close();
    this.#wakeRequest?.();
  }

  #start(): void {
    const turn = this.#turn;
    if (!this.isOpen || turn === undefined) return;
    const rejected = this.parent?.resume();
    if (!this.isOpen) {
      // A listener has aborted the call meanwhile.
      suppressUnhandledRejection(rejected);
      return;
    }
    if (rejected === undefined)
      return void this.replaceWith(() => this.#queue.start(turn.granted, this.#work, this.#outer));
    this.#queue.takeBack(turn.granted);
    this.resolve(rejected);
  }
}
