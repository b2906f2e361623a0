import { timeoutError } from './errors.ts';

/** Counter of the slots for actions that run at the same time. */
export class Semaphore {
  /** How many slots are free. */
  count: number;

  /** Frees a slot, or hands it to the call of `take` that has waited longest. */
  readonly release = (): void => {
    for (const receive of this.#waiting) {
      this.#waiting.delete(receive);
      return receive();
    }
    this.count++;
  };

  readonly #waiting = new Set<() => void>();

  /** @param capacity number of slots. */
  constructor(capacity: number) {
    this.count = capacity;
  }

  /** Takes a slot if one is free, and returns whether it did. */
  test(): boolean {
    if (this.count < 1) return false;
    this.count--;
    return true;
  }

  /**
   * Takes a slot, now or as soon as one is free.
   *
   * @param timeout milliseconds to wait. Default: no limit.
   * @returns the function that frees the slot. Rejects with `ETIMEDOUT` if no slot becomes free in time.
   */
  take(timeout?: number): Promise<() => void> {
    if (this.test()) return Promise.resolve(this.release);
    return new Promise((resolve, reject) => {
      const receive = (): void => {
        clearTimeout(timer);
        resolve(this.release);
      };
      const giveUp = (): void => {
        this.#waiting.delete(receive);
        reject(timeoutError(timeout ?? 0));
      };
      const timer = timeout === undefined ? undefined : setTimeout(giveUp, timeout);
      this.#waiting.add(receive);
    });
  }
}
