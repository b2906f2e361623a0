import type { Clock } from 'fusewire';
import { shown } from './shown.ts';

/** Clock for the option `clock` of a breaker. It stands still until {@link ManualClock.advance} is called. */
export interface ManualClock extends Clock {
  /** Current time in milliseconds. */
  readonly now: number;
  /**
   * Advances the clock.
   *
   * @param milliseconds time to advance by, from 0.
   * @returns the new time.
   * @throws {RangeError} if `milliseconds` is no finite number from 0.
   */
  advance(milliseconds: number): number;
}

/**
 * Returns a clock that stands still, for one circuit. Windows, open times and ramps use it, and no global is replaced. Call
 * timeouts and the delays of policies use timers instead; use {@link fakeTime} for those.
 *
 * @param start first time in milliseconds. Default 0.
 * @throws {RangeError} if `start` is no finite number.
 */
export function manualClock(start = 0): ManualClock {
  if (!Number.isFinite(start))
    throw new RangeError(`start must be a finite number of milliseconds, got ${shown(start)}`);
  let now = start;
  const clock = () => now;
  return Object.defineProperties(clock, {
    now: { get: clock },
    advance: {
      value(milliseconds: number): number {
        checkDuration('advance', milliseconds);
        return (now += milliseconds);
      },
    },
  }) as ManualClock;
}

/** Throws a `RangeError` for anything but a finite number of milliseconds from 0. */
export function checkDuration(caller: string, milliseconds: unknown): asserts milliseconds is number {
  if (typeof milliseconds === 'number' && milliseconds >= 0 && milliseconds < Number.POSITIVE_INFINITY) return;
  throw new RangeError(`${caller} takes a finite number of milliseconds from 0, got ${shown(milliseconds)}`);
}
