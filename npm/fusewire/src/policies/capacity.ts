/** What a bulkhead has given to a call, which is its own until all of the call's work has really ended. */
export class Capacity {
  readonly #outer: Capacity | undefined;
  readonly #giveBack: () => void;
  /** The call itself, and each piece of its work that runs. */
  #holders = 1;

  /** @param outer what the call holds of another bulkhead around this one. */
  constructor(outer: Capacity | undefined, giveBack: () => void) {
    this.#outer = outer;
    this.#giveBack = giveBack;
  }

  /** A piece of work begins. */
  begin(): void {
    this.#holders++;
    this.#outer?.begin();
  }

  /** A piece of work has ended. */
  readonly end = (): void => {
    this.leave();
    this.#outer?.end();
  };

  /** The call has been told its result. */
  leave(): void {
    if (--this.#holders === 0) this.#giveBack();
  }
}
