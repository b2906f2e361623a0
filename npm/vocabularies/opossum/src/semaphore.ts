import { timeoutError } from './errors.ts';

/** The places for actions that run at once. */
export class Semaphore {
  /** How many are free. */
  count: number;

  /** Gives a place back, to whoever has waited longest. */
  readonly release = (): void => {
    for (const receive of this.#waiting) {
      this.#waiting.delete(receive);
      return receive();
    }
    this.count++;
  };

  readonly #waiting = new Set<() => void>();

  /** @param capacity how many there are. */
  constructor(capacity: number) {
    this.count = capacity;
  }

  /** Takes a place if one is free, and says whether it did. */
  test(): boolean {
    if (this.count < 1) return false;
    this.count--;
    return true;
  }

  /**
   * Takes a place, now or as soon as one is free.
   *
   * @param timeout milliseconds to wait. Default: as long as it takes.
   * @returns what gives it back. Rejects with `ETIMEDOUT` where none became free in time.
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
