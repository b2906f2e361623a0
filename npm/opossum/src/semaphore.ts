/** How many actions may still start. */
export class Semaphore {
  /** Places that are free. */
  count: number;

  readonly #waiting: (() => void)[] = [];

  /** @param capacity how many actions may run at once. */
  constructor(capacity: number) {
    this.count = capacity;
  }

  /** Whether there is a free place. */
  test(): boolean {
    return this.count > 0;
  }

  /** Takes a place, at once or as soon as one is free. */
  take(): Promise<void> {
    if (!this.test()) return new Promise((resolve) => this.#waiting.push(resolve));
    this.count--;
    return Promise.resolve();
  }

  /** Gives a place back, to whoever has waited longest. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.count++;
    else next();
  }
}
