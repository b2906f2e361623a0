import { defaultClock } from '../time/clock.ts';
import type { Deadline, Deadlines } from '../time/deadlines.ts';
import { Rejection } from './promises.ts';
import type { AbortListener } from './abort-signals.ts';
import { requestKeepAlive } from '../time/request-keep-alive.ts';
import type { LayerContext } from './layer-context.ts';
import type { LayerWork } from './layer.ts';

/** Policy whose calls wait for a turn. */
export interface WaitingCallOwner {
  /** Ends a call that has waited longer than allowed. */
  timedOut?(waiting: WaitingCall): void;
  /** Starts calls whose turn it is. A waiting call asks for it now and then, because the timer of another call may be gone. */
  recheck?(): void;
  /** Removes a call whose caller has aborted. */
  aborted(waiting: WaitingCall): void;
}

/** Call that waits for its turn. */
export class WaitingCall implements Deadline, AbortListener {
  deadline = 0;
  previous: Deadline | undefined;
  next: Deadline | undefined;
  readonly ticket: number;
  readonly work: LayerWork;
  readonly outer: LayerContext;
  readonly promise: Promise<unknown>;
  readonly #owner: WaitingCallOwner;
  readonly #deadlines: Deadlines | undefined;
  #resolve!: (begin: () => unknown) => void;

  constructor(
    room: WaitingCallOwner,
    deadlines: Deadlines | undefined,
    work: LayerWork,
    outer: LayerContext,
    ticket: number,
  ) {
    this.#owner = room;
    this.#deadlines = deadlines;
    this.work = work;
    this.outer = outer;
    this.ticket = ticket;
    const turn = new Promise<unknown>((resolve) => {
      // With a keep-alive the work starts in the context of its own request, and what it opens belongs to that request.
      this.#resolve = requestKeepAlive === undefined ? (begin) => resolve(begin()) : resolve;
    });
    requestKeepAlive?.keep(turn, () => room.recheck?.());
    this.promise = requestKeepAlive === undefined ? turn : turn.then((begin) => (begin as () => unknown)());
    deadlines?.add(this, defaultClock());
    outer.abortSource?.subscribe(this);
  }

  /** Ends the wait. The call settles with what `begin` returns. */
  finishWith(begin: () => Promise<unknown> | Rejection): void {
    this.#deadlines?.remove(this);
    this.outer.abortSource?.unsubscribe(this);
    this.#resolve(begin);
  }

  expire(): void {
    this.#owner.timedOut?.(this);
  }

  abort(reason: unknown): void {
    this.#owner.aborted(this);
    this.finishWith(() => new Rejection(reason));
  }
}
