/** What a clock shows: milliseconds that never leap, counted from anywhere. */
export type Clock = () => number;

const RealDate = globalThis.Date;

let faked = false;
let offset = 0;
let last = 0;

/**
 * The clock of breakers that are given none, and of every call timeout: `performance.now()`. While somebody has put
 * another `Date` in place, as fake timers do, `Date.now()` is read instead, for not all of them replace `performance`.
 * It goes on from where it stood when the source changes.
 */
export function defaultClock(): number {
  if ((Date !== RealDate) !== faked) changeSource();
  return (last = (faked ? Date.now() : performance.now()) + offset);
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

function changeSource(): void {
  faked = !faked;
  offset = last - (faked ? Date.now() : performance.now());
}
