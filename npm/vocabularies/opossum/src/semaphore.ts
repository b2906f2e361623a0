import { timeoutError } from './errors.ts';

/** Counter of the slots for actions that run at the same time. Its functions need no `this`. */
export interface Semaphore {
  /** How many slots are free. */
  readonly count: number;
  /**
   * Takes a slot, now or as soon as one is free.
   *
   * @param timeout milliseconds to wait. Default, also for 0: no limit.
   * @returns the function that frees the slot. Rejects with `ETIMEDOUT` if no slot becomes free in time.
   */
  take(timeout?: number): Promise<() => void>;
  /** Frees a slot, or hands it to the call of `take` that has waited longest. */
  release(): void;
  /** Takes a slot if one is free, and returns whether it did. */
  test(): boolean;
}

/** @param capacity number of slots. */
export function createSemaphore(capacity: number): Semaphore {
  const waiting = new Set<() => void>();
  let free = capacity;
  const test = (): boolean => {
    if (free < 1) return false;
    free--;
    return true;
  };
  const release = (): void => {
    for (const receive of waiting) {
      waiting.delete(receive);
      return receive();
    }
    free++;
  };
  const take = (timeout?: number): Promise<() => void> => {
    if (test()) return Promise.resolve(release);
    return new Promise((resolve, reject) => {
      const receive = (): void => {
        clearTimeout(timer);
        resolve(release);
      };
      const giveUp = (): void => {
        waiting.delete(receive);
        reject(timeoutError(timeout as number));
      };
      const timer = timeout ? setTimeout(giveUp, timeout) : undefined;
      waiting.add(receive);
    });
  };
  // A getter in the literal would make each access to the object slow.
  const semaphore = { take, release, test };
  return Object.defineProperty(semaphore, 'count', { get: () => free, enumerable: true }) as Semaphore;
}
