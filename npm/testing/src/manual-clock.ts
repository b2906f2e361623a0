import type { Clock } from 'fusewire';

/** A clock that moves when it is told to: give it to a breaker as its option `clock`. */
export interface ManualClock extends Clock {
  /** What it shows: milliseconds, from where it was started. */
  readonly now: number;
  /**
   * Moves it on.
   *
   * @param milliseconds from 0.
   * @returns what it shows then.
   * @throws {RangeError} if `milliseconds` is no finite number from 0.
   */
  advance(milliseconds: number): number;
}

/**
 * Makes a clock for the circuit alone: windows, open times and ramps follow it, and nothing of the process is replaced.
 * Call timeouts, and the waiting of policies, run on timers: {@link fakeTime} moves those as well.
 *
 * @param start what it shows first, in milliseconds. Default 0.
 * @throws {RangeError} if `start` is no finite number.
 */
export function manualClock(start = 0): ManualClock {
  if (!Number.isFinite(start))
    throw new RangeError(`start must be a finite number of milliseconds, got ${String(start)}`);
  let now = start;
  const clock = () => now;
  return Object.defineProperties(clock, {
    now: { get: clock },
    advance: {
      value(milliseconds: number): number {
        checkSpan('advance', milliseconds);
        return (now += milliseconds);
      },
    },
  }) as ManualClock;
}

/** Refuses what is no time to move on by. */
export function checkSpan(what: string, milliseconds: unknown): asserts milliseconds is number {
  if (typeof milliseconds === 'number' && milliseconds >= 0 && milliseconds < Number.POSITIVE_INFINITY) return;
  throw new RangeError(`${what} takes a finite number of milliseconds from 0, got ${String(milliseconds)}`);
}
