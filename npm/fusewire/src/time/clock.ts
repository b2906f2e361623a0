/** Clock: returns milliseconds since any point in time, which never jump. It may have timers of its own. */
export interface Clock {
  (): number;
  /**
   * Sets a timer: calls `callback` once, so many milliseconds of this clock from now. It must not call it at once. Returns a
   * function that removes the timer. Clocks without this function use the timers of the runtime.
   */
  readonly setTimer?: ((callback: () => void, delay: number) => () => void) | undefined;
}

/** Option of a policy for its time. */
export interface ClockOptions {
  /**
   * Clock of the policy, for its windows, ages and stats. Its timers, if it has any, drive timeouts and waits. Default:
   * `performance.now()` and the timers of the runtime.
   */
  readonly clock?: Clock | undefined;
}

const RealDate = globalThis.Date;
const realPerformance = globalThis.performance;
/** Original `now`: some fake timers keep the object and replace its methods. */
const realNow = realPerformance.now.bind(realPerformance);
const realSetTimeout = globalThis.setTimeout;

let source: { now(): number } = realPerformance;
let offset = 0;
/** Last reading of a replaced source, which cannot be read any more after it is removed. */
let last = 0;

/**
 * Clock of call timeouts, and of breakers without the option `clock`: `performance.now()`, or its replacement by fake timers.
 * When the source changes, the time goes on from the last reading.
 *
 * A read of the global `performance` costs a third of a read of its clock. It is done only if `Date` or `setTimeout` show
 * that globals were replaced.
 */
export function defaultClock(): number {
  if (source === realPerformance && Date === RealDate && setTimeout === realSetTimeout) {
    return realPerformance.now() + offset;
  }
  return readReplaced();
}

/** Clock of breakers that threads share. `performance.now()` starts at 0 in each thread. */
export function processClock(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** Wraps the clock of a user. If it throws or returns no number, the reading is NaN, and the engine's time stands still. */
export function guardedClock(clock: Clock, report: (error: unknown) => void): Clock {
  return () => {
    try {
      const now: unknown = clock();
      return typeof now === 'number' ? now : Number.NaN;
    } catch (error) {
      report(error);
      return Number.NaN;
    }
  };
}

/** Reads a replaced source. A replaced `Date` takes precedence, because not all fake timers replace `performance`. */
function readReplaced(): number {
  const present = Date === RealDate ? globalThis.performance : Date;
  if (present !== source) {
    const before = source === realPerformance ? realNow() + offset : last;
    source = present;
    // A whole number, so that fake timers, which count whole milliseconds, reach a deadline exactly.
    offset = Math.ceil(before - present.now());
  }
  return (last = present.now() + offset);
}
