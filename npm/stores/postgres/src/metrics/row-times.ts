/**
 * Clock of the rows of a recorder: no two rows of one circuit have the same time, which is part of their key. Two breakers may
 * have one name, and two records may be made within a millisecond. The time of such a row is a millisecond later.
 */
export class RowTimes {
  #latest = 0;
  readonly #names = new Set<string>();

  /** Returns the time of a new row of a circuit. */
  next(name: string): number {
    const now = Date.now();
    // A clock that was set back is followed.
    if (now > this.#latest || now < this.#latest - 1_000) this.#advanceTo(now);
    else if (this.#names.has(name)) this.#advanceTo(this.#latest + 1);
    this.#names.add(name);
    return this.#latest;
  }

  #advanceTo(time: number): void {
    this.#latest = time;
    this.#names.clear();
  }
}
