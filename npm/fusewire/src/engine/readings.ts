/** A number of the engine as people read it: what is not finite is nothing to tell. */
export function numberOrNull(reading: number): number | null {
  return Number.isFinite(reading) ? reading : null;
}

/** A number of the engine that is never nothing to tell, but for an engine that failed. */
export function numberOrZero(reading: number): number {
  return Number.isFinite(reading) ? reading : 0;
}

/** The wall-clock time so many milliseconds ago. */
export function dateBefore(age: number): Date | null {
  return Number.isFinite(age) ? new Date(Date.now() - age) : null;
}

/** The wall-clock time so many milliseconds from now. */
export function dateAfter(wait: number): Date | null {
  return Number.isFinite(wait) ? new Date(Date.now() + wait) : null;
}
