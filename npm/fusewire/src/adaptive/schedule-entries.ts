import type { Backend, Problem } from '../engine/backend.ts';
import { isPlainObject } from '../options/plain-data.ts';
import type { OptionsObject } from '../options/plain-data.ts';
import type { OptionsReader } from '../options/options-reader.ts';

/**
 * Thresholds that replace those of a breaker: failures, consecutive failures, failure rate, slow-call rate, and minimum
 * calls. NaN keeps the breaker's own.
 */
export type ThresholdOverrides = readonly [number, number, number, number, number];

/** Keeps all thresholds of the breaker. */
export const NO_OVERRIDES: ThresholdOverrides = [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN];

/** Validated entry of a schedule. */
export interface Entry {
  /** Bits of the days, and the first and last minute of the day, as the engine reads them. */
  readonly when: readonly [days: number, from: number, to: number];
  readonly thresholds: ThresholdOverrides;
}

/** Options of an entry that are thresholds, in the order of {@link ThresholdOverrides}. */
const THRESHOLDS = [
  'failureThreshold',
  'consecutiveFailureThreshold',
  'failureRateThreshold',
  'slowCallRateThreshold',
  'minimumCalls',
] as const;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const OPTIONS: ReadonlySet<string> = new Set(['days', 'from', 'to', ...THRESHOLDS]);
const MAX_ENTRIES = 100;
/** Bits of the days of the week, Monday first. */
const EVERY_DAY = 0b111_1111;
const WEEKDAYS = 0b001_1111;
const WEEKEND = 0b110_0000;
/** Minutes of a day. */
const END_OF_DAY = 1_440;
/** Value that is invalid for every threshold: the engine reports the problem. */
const INVALID = -1;

const DAYS_EXPECTED = "'weekdays', 'weekend', or an array of 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' and 'sun'";

/** Returns the problems that the engine finds in thresholds. */
type ThresholdCheck = (thresholds: ThresholdOverrides) => readonly Problem[];

/** Changes the thresholds of a breaker in the engine. Returns their problems, in which case nothing changes. */
export function retune(
  backend: Backend,
  handle: number,
  thresholds: ThresholdOverrides,
  now: number,
): readonly Problem[] {
  const [failures, consecutiveFailures, failureRate, slowCallRate, minimumCalls] = thresholds;
  return backend.retune(handle, failures, consecutiveFailures, failureRate, slowCallRate, minimumCalls, now);
}

/** Reads the entries of a schedule. Their problems go to the reader. */
export function readEntries(reader: OptionsReader, entries: unknown, check: ThresholdCheck): Entry[] {
  if (!Array.isArray(entries) || entries.length === 0 || entries.length > MAX_ENTRIES) {
    const kind = entries === undefined ? 'missing' : Array.isArray(entries) ? 'range' : 'type';
    const expected = `an array of 1 to ${MAX_ENTRIES} entries`;
    reader.report('schedule.entries', kind, kind === 'missing' ? `given: ${expected}` : expected);
    return [];
  }
  return entries.map((entry: unknown, index) => readEntry(reader, `schedule.entries.${index}`, entry, check));
}

function readEntry(reader: OptionsReader, path: string, entry: unknown, check: ThresholdCheck): Entry {
  if (!isPlainObject(entry)) {
    reader.report(path, 'type', '{days, from, to} and thresholds');
    return { when: [EVERY_DAY, 0, END_OF_DAY], thresholds: NO_OVERRIDES };
  }
  reader.suggest([...OPTIONS].map((option) => `schedule.entries.${option}`));
  for (const name of Object.keys(entry)) {
    if (!OPTIONS.has(name) && entry[name] !== undefined) reader.report(`${path}.${name}`, 'unknown', '');
  }
  const from = minuteOf(entry['from'], 0, END_OF_DAY - 1);
  const to = minuteOf(entry['to'], 1, END_OF_DAY);
  const days = daysOf(entry['days']);
  const reportInvalid = (name: string, expected: string) =>
    reader.report(
      `${path}.${name}`,
      typeof entry[name] === 'string' || Array.isArray(entry[name]) ? 'range' : 'type',
      expected,
    );
  if (days === undefined) reportInvalid('days', DAYS_EXPECTED);
  if (from === undefined) reportInvalid('from', "a time of day from '00:00' to '23:59'");
  if (to === undefined) reportInvalid('to', "a time of day from '00:01' to '24:00'");
  const when = [days ?? EVERY_DAY, from ?? 0, to ?? END_OF_DAY] as const;
  if (when[1] === when[2]) {
    reader.report(`${path}.to`, 'range', "another time than from; a whole day is from '00:00' to '24:00'");
  }
  return { when, thresholds: readThresholds(reader, path, entry, check) };
}

function readThresholds(
  reader: OptionsReader,
  path: string,
  entry: OptionsObject,
  check: ThresholdCheck,
): ThresholdOverrides {
  const hasThreshold = THRESHOLDS.some((name) => entry[name] !== undefined);
  if (!hasThreshold) reader.report(path, 'missing', `given at least one of ${THRESHOLDS.slice(0, -1).join(', ')}`);
  const numbers = THRESHOLDS.map((name) => {
    const value = entry[name];
    if (value === undefined) return Number.NaN;
    return typeof value === 'number' && !Number.isNaN(value) ? value : INVALID;
  });
  const thresholds = numbers as unknown as ThresholdOverrides;
  for (const { option, kind, expected } of check(thresholds)) {
    const isWrongType = kind === 'range' && typeof entry[option] !== 'number';
    reader.report(`${path}.${option}`, isWrongType ? 'type' : kind, expected);
  }
  return thresholds;
}

/** Returns the option `days` as bits, or undefined if it is invalid. */
function daysOf(value: unknown): number | undefined {
  if (value === undefined) return EVERY_DAY;
  if (value === 'weekdays') return WEEKDAYS;
  if (value === 'weekend') return WEEKEND;
  if (!Array.isArray(value) || value.length === 0 || !value.every((day) => DAYS.includes(day as string))) {
    return undefined;
  }
  return value.reduce((days: number, day: string) => days | (1 << DAYS.indexOf(day)), 0);
}

/** Returns the minute of the day of a time such as `08:30`, or undefined if it is invalid. */
function minuteOf(value: unknown, least: number, most: number): number | undefined {
  if (value === undefined) return least === 0 ? 0 : END_OF_DAY;
  const [, hours, minutes] = (typeof value === 'string' ? /^(\d\d):([0-5]\d)$/.exec(value) : null) ?? [];
  let minute = Number(hours) * 60 + Number(minutes);
  // As the end of an entry, '00:00' is the midnight at the end of the day.
  if (minute === 0 && least > 0) minute = END_OF_DAY;
  return minute >= least && minute <= most ? minute : undefined;
}
