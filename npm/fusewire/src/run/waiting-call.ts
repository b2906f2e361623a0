import { defaultClock } from '../time/clock.ts';
import type { Deadline, Deadlines } from '../time/deadlines.ts';
import { Rejection } from './promises.ts';
import type { Follower } from './signals.ts';
import { vigil } from '../time/request-keep-alive.ts';
import type { LayerContext } from './layer-context.ts';
import type { LayerWork } from './layer.ts';

/** Where calls wait. */
export interface WaitingRoom {
  /** It has waited for as long as it may, where there is such a limit. */
  timedOut?(waiting: Waiting): void;
  /** Somebody who waits looks whether it is anyone's turn, lest who was to tell is gone. */
  look?(): void;
  /** Its caller has aborted; it is taken out. */
  aborted(waiting: Waiting): void;
}

/** A call that waits for its turn. */
export class Waiting implements Deadline, Follower {
  deadline = 0;
  previous: Deadline | undefined;
  next: Deadline | undefined;
  readonly ticket: number;
  readonly work: LayerWork;
  readonly outer: LayerContext;
  readonly promise: Promise<unknown>;
  readonly #room: WaitingRoom;
  readonly #deadlines: Deadlines | undefined;
  #resolve!: (begin: () => unknown) => void;

  constructor(
    room: WaitingRoom,
    deadlines: Deadlines | undefined,
    work: LayerWork,
    outer: LayerContext,
    ticket: number,
  ) {
    this.#room = room;
    this.#deadlines = deadlines;
    this.work = work;
    this.outer = outer;
    this.ticket = ticket;
    const turn = new Promise<unknown>((resolve) => {
      // Work begins where it waited where that matters: what it opens then belongs to its own request.
      this.#resolve = vigil === undefined ? (begin) => resolve(begin()) : resolve;
    });
    vigil?.keep(turn, () => room.look?.());
    this.promise = vigil === undefined ? turn : turn.then((begin) => (begin as () => unknown)());
    deadlines?.add(this, defaultClock());
    outer.aborts?.follow(this);
  }

  /** It waits no more: what `begin` returns is what becomes of the call. */
  end(begin: () => Promise<unknown> | Rejection): void {
    this.#deadlines?.remove(this);
    this.outer.aborts?.leave(this);
    this.#resolve(begin);
  }

  expire(): void {
    this.#room.timedOut?.(this);
  }

  abort(reason: unknown): void {
    this.#room.aborted(this);
    this.end(() => new Rejection(reason));
  }
}
