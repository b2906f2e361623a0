import type { Clock } from './clock.ts';

/** Most microseconds by which a clock and the time of day may part before the time of day counts as set anew. */
const TOLERANCE = 1_000_000;
/** Offset at which the engine rounds readings of a clock: `CLOCK_START_MICROS` in `crates/breaker-core/src/time.rs`. */
const CLOCK_START = 315_360_000_000_000;

/** Difference between the time of day and each clock, in microseconds. It is kept, so that one instant has one time of day. */
const offsets = new WeakMap<Clock, number>();

/** Returns the time of day `age` milliseconds before the reading `now` of a clock; null if there is no age. */
export function dateBefore(clock: Clock, now: number, age: number): Date | null {
  return Number.isFinite(age) ? new Date(Math.floor(timeOfDay(clock, now, -age) / 1e3)) : null;
}

/** Returns the time of day `wait` milliseconds after the reading `now` of a clock; null if there is no wait. */
export function dateAfter(clock: Clock, now: number, wait: number): Date | null {
  return Number.isFinite(wait) ? new Date(Math.ceil(timeOfDay(clock, now, wait) / 1e3)) : null;
}

/** Returns a time of day in whole microseconds, which are exact numbers where fractions of milliseconds are not. */
function timeOfDay(clock: Clock, now: number, milliseconds: number): number {
  const present = Date.now() * 1e3;
  const distance = Math.round(milliseconds * 1e3);
  const reading = Math.floor(now * 1e3 + (CLOCK_START + 0.5)) - CLOCK_START;
  if (!Number.isFinite(reading)) return present + distance;
  let offset = offsets.get(clock);
  if (offset === undefined || Math.abs(present - reading - offset) > TOLERANCE) {
    offset = present - reading;
    offsets.set(clock, offset);
  }
  return reading + offset + distance;
}
