import { defaultClock } from '../time/clock.ts';
import { setIdleTimer } from './timers.ts';

interface Wait {
  readonly due: number;
  readonly end: () => void;
}

/** Limits on the time for which promises are awaited. All of them share one timer, which most of them never see. */
export class TimeLimits {
  readonly #waits = new Set<Wait>();
  #due = Number.POSITIVE_INFINITY;
  #removeTimer: (() => void) | undefined;

  /** Settles like `promise`, or resolves with undefined after so many milliseconds. */
  await<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const wait = { due: defaultClock() + milliseconds, end: () => resolve(undefined) };
      this.#waits.add(wait);
      if (wait.due < this.#due) this.#arm(wait.due);
      promise.then(
        (value) => {
          this.#waits.delete(wait);
          resolve(value);
        },
        (error: unknown) => {
          this.#waits.delete(wait);
          reject(error);
        },
      );
    });
  }

  #arm(due: number): void {
    this.#removeTimer?.();
    this.#due = due;
    this.#removeTimer = setIdleTimer(() => this.#onTimer(), Math.max(1, due - defaultClock()));
  }

  #onTimer(): void {
    const now = defaultClock();
    let next = Number.POSITIVE_INFINITY;
    for (const wait of this.#waits) {
      if (wait.due > now) next = Math.min(next, wait.due);
      else {
        this.#waits.delete(wait);
        wait.end();
      }
    }
    this.#due = Number.POSITIVE_INFINITY;
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
  }
}
