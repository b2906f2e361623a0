import { defaultClock } from '../time/clock.ts';
import type { Deadline, Deadlines } from '../time/deadlines.ts';
import { Rejection } from './promises.ts';
import type { AbortListener } from './abort-signals.ts';
import { requestKeepAlive } from '../time/request-keep-alive.ts';
import type { LayerContext } from './layer-context.ts';
import type { LayerWork } from './layer.ts';

/** Where calls wait. */
export interface WaitingCallOwner {
  /** It has waited for as long as it may, where there is such a limit. */
  timedOut?(waiting: WaitingCall): void;
  /** Somebody who waits looks whether it is anyone's turn, lest who was to tell is gone. */
  recheck?(): void;
  /** Its caller has aborted; it is taken out. */
  aborted(waiting: WaitingCall): void;
}

/** A call that waits for its turn. */
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
      // Work begins where it waited where that matters: what it opens then belongs to its own request.
      this.#resolve = requestKeepAlive === undefined ? (begin) => resolve(begin()) : resolve;
    });
    requestKeepAlive?.keep(turn, () => room.recheck?.());
    this.promise = requestKeepAlive === undefined ? turn : turn.then((begin) => (begin as () => unknown)());
    deadlines?.add(this, defaultClock());
    outer.abortSource?.subscribe(this);
  }

  /** It waits no more: what `begin` returns is what becomes of the call. */
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
