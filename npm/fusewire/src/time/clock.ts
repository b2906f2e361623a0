/** What a clock shows: milliseconds that never leap, counted from anywhere. */
export type Clock = () => number;

const RealDate = globalThis.Date;
const realPerformance = globalThis.performance;
/** Some fake timers leave the object in place and replace what it does. */
const realNow = realPerformance.now.bind(realPerformance);
const realSetTimeout = globalThis.setTimeout;

let source: { now(): number } = realPerformance;
let offset = 0;
/** The last reading of a source that somebody put in place: it cannot be read any more once it is gone. */
let last = 0;

/**
 * The clock of breakers that are given none, and of every call timeout: `performance.now()`, or what fake timers have put
 * in its place. It goes on from where it stood when the source changes.
 *
 * Reading the global `performance` costs a third of reading its clock, so it is done only where `Date` or `setTimeout`
 * tell that somebody has replaced globals.
 */
export function defaultClock(): number {
  if (source === realPerformance && Date === RealDate && setTimeout === realSetTimeout) {
    return realPerformance.now() + offset;
  }
  return readReplaced();
}

/** The clock of breakers that all threads share: `performance.now()` starts anew in each of them. */
export function processClock(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** A clock that somebody gave us: what is no number reads as NaN, and the engine then takes it to stand still. */
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

/** While another `Date` is in place its time counts: not all fake timers replace `performance` too. */
function readReplaced(): number {
  const present = Date === RealDate ? globalThis.performance : Date;
  if (present !== source) {
    const before = source === realPerformance ? realNow() + offset : last;
    source = present;
    // Whole, so that fake timers, which count whole milliseconds, reach a deadline exactly.
    offset = Math.ceil(before - present.now());
  }
  return (last = present.now() + offset);
}
