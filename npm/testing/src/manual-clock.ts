import type { Clock } from 'fusewire';
import { shown } from './shown.ts';

/** Clock for the option `clock` of breakers and policies. It stands still until it is advanced. */
export interface ManualClock extends Clock {
  /** Current time in milliseconds. */
  readonly now: number;
  /** Number of pending timers. 0 proves that the code under test has left none behind. */
  readonly timers: number;
  /** Sets a timer that runs when the clock is advanced to its time. */
  readonly setTimer: NonNullable<Clock['setTimer']>;
  /**
   * Advances the clock, and runs each timer at its time. Promises settle only afterwards: use
   * {@link ManualClock.advanceAsync} if a timer starts something whose next timer is due within the same step.
   *
   * @param milliseconds time to advance by, from 0.
   * @returns the new time.
   * @throws {RangeError} if `milliseconds` is no finite number from 0.
   */
  advance(milliseconds: number): number;
  /**
   * Advances the clock like {@link ManualClock.advance}, but lets promises settle before the first timer and after each one.
   *
   * @throws {RangeError} if `milliseconds` is no finite number from 0.
   */
  advanceAsync(milliseconds: number): Promise<number>;
}

/**
 * Returns a clock that stands still. It drives the breakers and policies that have it as their `clock`: windows, open times,
 * call timeouts, delays of retries and ages of caches. No global is replaced, and other code keeps the real time.
 *
 * @param start first time in milliseconds. Default 0.
 * @throws {RangeError} if `start` is no finite number.
 */
export function manualClock(start = 0): ManualClock {
  if (!Number.isFinite(start))
    throw new RangeError(`start must be a finite number of milliseconds, got ${shown(start)}`);
  let now = start;
  const timers = new Set<ManualTimer>();
  const clock = () => now;
  const runUntil = (end: number): boolean => {
    const timer = earliest(timers);
    if (timer === undefined || timer.due > end) {
      now = Math.max(now, end);
      return false;
    }
    now = Math.max(now, timer.due);
    timers.delete(timer);
    timer.callback();
    return true;
  };
  const methods = {
    setTimer(callback: () => void, delay: number): () => void {
      const timer = { due: now + Math.max(0, Math.ceil(delay - ROUNDING)), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(milliseconds: number): number {
      checkDuration('advance', milliseconds);
      const end = now + milliseconds;
      while (runUntil(end));
      return now;
    },
    async advanceAsync(milliseconds: number): Promise<number> {
      checkDuration('advanceAsync', milliseconds);
      const end = now + milliseconds;
      do await promisesSettled();
      while (runUntil(end));
      return now;
    },
  };
  return Object.defineProperties(clock, {
    now: { get: clock },
    timers: { get: () => timers.size },
    setTimer: { value: methods.setTimer },
    advance: { value: methods.advance },
    advanceAsync: { value: methods.advanceAsync },
  }) as ManualClock;
}

interface ManualTimer {
  readonly due: number;
  readonly callback: () => void;
}

/** Delays are computed from readings of the clock, and may be off by this many milliseconds. */
const ROUNDING = 0.001;

/** Returns the timer that is due first; of several, the one that was set first. */
function earliest(timers: Iterable<ManualTimer>): ManualTimer | undefined {
  let first: ManualTimer | undefined;
  for (const timer of timers) if (first === undefined || timer.due < first.due) first = timer;
  return first;
}

// Kept, because fake timers may replace them.
const { setTimeout: realSetTimeout, setImmediate: realSetImmediate } = globalThis as Partial<typeof globalThis>;

/** Resolves in a later turn of the event loop, in which every promise that could settle has done so. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => void (realSetImmediate ?? (realSetTimeout as typeof setTimeout))(() => resolve()));
}

/** Throws a `RangeError` for anything but a finite number of milliseconds from 0. */
export function checkDuration(caller: string, milliseconds: unknown): asserts milliseconds is number {
  if (typeof milliseconds === 'number' && milliseconds >= 0 && milliseconds < Number.POSITIVE_INFINITY) return;
  throw new RangeError(`${caller} takes a finite number of milliseconds from 0, got ${shown(milliseconds)}`);
}
