import { whenSettled } from '../promises.ts';

/** Who must know of work that goes on after its call has ended. */
export interface Holder {
  /** The call has ended, `work` has not. */
  hold(work: Promise<unknown>): void;
}

/** The part of a policy that tells how much work goes on after its calls have ended. */
export interface Overrunning {
  overrunning: number;
}

/** Counts work from now until it ends. */
export function countUntilSettled(counter: Overrunning, work: Promise<unknown>, onEnd?: () => void): void {
  const ended = () => {
    counter.overrunning--;
    onEnd?.();
  };
  counter.overrunning++;
  whenSettled(work, ended, ended);
}

/** What gives places to calls. */
export interface Places extends Overrunning {
  /** The call that had this ticket needs its place no more. */
  giveBack(ticket: number): void;
}

/** The place of a call: its own until the call has ended, and all of its work. */
export class Capacity implements Holder {
  readonly #outer: Capacity | undefined;
  readonly #places: Places;
  readonly #ticket: number;
  /** The call itself, and each piece of work that goes on after it. */
  #holders = 1;

  /** @param outer what the call holds of other places around these. */
  constructor(outer: Capacity | undefined, places: Places, ticket: number) {
    this.#outer = outer;
    this.#places = places;
    this.#ticket = ticket;
  }

  hold(work: Promise<unknown>): void {
    this.#holders++;
    this.#outer?.hold(work);
    countUntilSettled(this.#places, work, () => this.leave());
  }

  /** The call, or a piece of its work, has ended. */
  leave(): void {
    if (--this.#holders === 0) this.#places.giveBack(this.#ticket);
  }
}
