import { OptionsReader } from '../options/options-reader.ts';

/** Longest open time, in milliseconds: 365 days. */
const LONGEST_SPAN = 31_536_000_000;

/** Returns the milliseconds of an opening by hand; NaN for the open time of the breaker. */
export function readDuration(name: string, duration: unknown): number {
  const reader = new OptionsReader(name, { duration }, 'Circuit breaker', false);
  const millis = reader.number('duration', 1, LONGEST_SPAN, `a number of milliseconds from 1 to ${LONGEST_SPAN}`);
  reader.finish();
  return millis ?? Number.NaN;
}
