import { defaultClock } from '../clock.ts';
import type { Deadline, Deadlines } from '../deadlines.ts';
import { Rejection } from '../promises.ts';
import type { Follower } from '../signals.ts';
import type { LayerContext } from './layer-context.ts';
import type { LayerWork } from './policy.ts';

/** Where calls wait. */
export interface WaitingRoom {
  /** It has waited for as long as it may, where there is such a limit. */
  timedOut?(waiting: Waiting): void;
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
  #resolve!: (outcome: unknown) => void;

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
    this.promise = new Promise((resolve) => (this.#resolve = resolve));
    deadlines?.add(this, defaultClock());
    outer.aborts?.follow(this);
  }

  /** It waits no more: `outcome` is what becomes of the call. */
  end(outcome: Promise<unknown> | Rejection): void {
    this.#deadlines?.remove(this);
    this.outer.aborts?.leave(this);
    this.#resolve(outcome);
  }

  expire(): void {
    this.#room.timedOut?.(this);
  }

  abort(reason: unknown): void {
    this.#room.aborted(this);
    this.end(new Rejection(reason));
  }
}
