/** Number of slices of a window. A window is exact to one slice. */
const SLICES = 30;
/** Rows of the ring: the slices, the row before the first, and one that is being written. */
const ROWS = SLICES + 2;

/**
 * Readings of counters that only grow, kept for as long as a window. It yields the growth within the window, exact to a
 * thirtieth of its length. Before the window has passed once, it yields the growth since the first reading.
 */
export class CounterHistory {
  readonly #length: number;
  readonly #width: number;
  readonly #rows: Float64Array;
  #first = 0;
  #count = 0;

  /**
   * @param length milliseconds of the window.
   * @param width number of counters.
   */
  constructor(length: number, width: number) {
    this.#length = length;
    this.#width = width + 1;
    this.#rows = new Float64Array(ROWS * this.#width);
  }

  /**
   * Adds a reading, and returns the growth of each counter within the window.
   *
   * @param now time on a clock that never goes back.
   */
  add(now: number, counters: readonly number[]): number[] {
    if (this.#count === 0 || now - this.#timeOf(this.#count - 1) >= this.#length / SLICES) this.#keep(now, counters);
    // The first row is the last one that is at least as old as the window.
    while (this.#count > 1 && now - this.#timeOf(1) >= this.#length) this.#dropFirst();
    const base = this.#offsetOf(0);
    return counters.map((counter, index) => Math.max(0, counter - (this.#rows[base + 1 + index] as number)));
  }

  #keep(now: number, counters: readonly number[]): void {
    if (this.#count === ROWS) this.#dropFirst();
    const offset = this.#offsetOf(this.#count++);
    this.#rows[offset] = now;
    this.#rows.set(counters, offset + 1);
  }

  #dropFirst(): void {
    this.#first = (this.#first + 1) % ROWS;
    this.#count--;
  }

  #timeOf(index: number): number {
    return this.#rows[this.#offsetOf(index)] as number;
  }

  #offsetOf(index: number): number {
    return ((this.#first + index) % ROWS) * this.#width;
  }
}
