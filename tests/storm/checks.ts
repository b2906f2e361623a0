/** Comparison of two counts of the same thing, from two independent sources. */
export interface Check {
  readonly name: string;
  readonly actual: number;
  readonly expected: number;
}

/** Returns a check that two counts are equal. */
export function equal(name: string, actual: number, expected: number): Check {
  return { name, actual, expected };
}

/** Returns a check that a count is within a range. */
export function within(name: string, actual: number, least: number, most: number): Check {
  return equal(name, actual, Math.min(Math.max(actual, least), most));
}

/** Returns checks with a prefix before each name. */
export function prefixed(prefix: string, checks: readonly Check[]): Check[] {
  return checks.map((check) => ({ ...check, name: `${prefix}: ${check.name}` }));
}

/** Returns a message for each check that has failed. */
export function failuresOf(checks: readonly Check[]): string[] {
  return checks
    .filter(({ actual, expected }) => actual !== expected)
    .map(({ name, actual, expected }) => `${name}: ${actual}, not ${expected}`);
}
