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

/** What a bulkhead has given to a call: its own until the call has ended, and all of its work. */
export class Capacity implements Holder {
  readonly #outer: Capacity | undefined;
  readonly #owner: Overrunning;
  readonly #giveBack: () => void;
  /** The call itself, and each piece of work that goes on after it. */
  #holders = 1;

  /** @param outer what the call holds of another bulkhead around this one. */
  constructor(outer: Capacity | undefined, owner: Overrunning, giveBack: () => void) {
    this.#outer = outer;
    this.#owner = owner;
    this.#giveBack = giveBack;
  }

  hold(work: Promise<unknown>): void {
    this.#holders++;
    this.#outer?.hold(work);
    countUntilSettled(this.#owner, work, () => this.leave());
  }

  /** The call, or a piece of its work, has ended. */
  leave(): void {
    if (--this.#holders === 0) this.#giveBack();
  }
}
