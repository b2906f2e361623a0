import { LONGEST, numberIn } from './reader.ts';

const INTERVAL = 5_000;

/** Health checks of a breaker: functions that are called at an interval. */
export class HealthChecks {
  readonly #timers = new Set<NodeJS.Timeout>();

  /**
   * Calls `check` on `subject` now and every `interval` milliseconds, and `onFailure` whenever the check throws or
   * rejects. As in opossum, an interval of 0, NaN or nothing means the default, 5 000.
   *
   * @throws {TypeError} if `check` is no function, or `interval` no number of milliseconds.
   */
  start(check: unknown, subject: unknown, interval: unknown, onFailure: (error: unknown) => void): void {
    if (typeof check !== 'function') throw new TypeError('Health check function must be a function');
    const period = interval ? numberIn(interval) : INTERVAL;
    if (typeof period !== 'number' || !(period > 0 && period <= LONGEST)) {
      throw new TypeError('Health check interval must be a number');
    }
    const run = async (): Promise<void> => {
      try {
        await Reflect.apply(check, subject, []);
      } catch (error) {
        onFailure(error);
      }
    };
    const timer = setInterval(run, period);
    timer.unref?.();
    this.#timers.add(timer);
    void run();
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers.clear();
  }
}
