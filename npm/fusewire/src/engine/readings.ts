/** Readings of a clock may be off by this many milliseconds once they were added and subtracted. */
const ROUNDING = 0.001;

/** Returns a reading of the engine, or null if the engine has no value for it (NaN or infinite). */
export function numberOrNull(reading: number): number | null {
  return Number.isFinite(reading) ? reading : null;
}

/** Returns a reading that always has a value, or 0 if the engine has failed. */
export function numberOrZero(reading: number): number {
  return Number.isFinite(reading) ? reading : 0;
}

/** Returns a wait in whole milliseconds, rounded up, or null if the engine has no value for it. */
export function wholeMilliseconds(wait: number): number | null {
  return Number.isFinite(wait) ? Math.max(0, Math.ceil(wait - ROUNDING)) : null;
}
