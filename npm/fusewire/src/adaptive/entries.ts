import type { Backend, Problem } from '../engine/backend.ts';
import type { OptionsObject } from '../breaker/settings.ts';
import type { OptionsReader } from '../options/options-reader.ts';

/** Failures, failures in a row, failure rate, slow-call rate, minimum of calls: NaN where the breaker's own holds. */
export type Thresholds = readonly [number, number, number, number, number];

/** The breaker's own thresholds. */
export const OWN: Thresholds = [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN];

/** An entry as the engine takes it, and its thresholds. */
export interface Entry {
  readonly when: readonly [days: number, from: number, to: number];
  readonly thresholds: Thresholds;
}

/** In the order that they cross in. */
const NAMES = [
  'failureThreshold',
  'consecutiveFailureThreshold',
  'failureRateThreshold',
  'slowCallRateThreshold',
  'minimumCalls',
] as const;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const KNOWN: ReadonlySet<string> = new Set(['days', 'from', 'to', ...NAMES]);
const MOST = 100;
const EVERY_DAY = 0b111_1111;
const WEEKDAYS = 0b001_1111;
const WEEKEND = 0b110_0000;
const END_OF_DAY = 1_440;
/** What no threshold can be. */
const WRONG = -1;

const DAYS_EXPECTED = "'weekdays', 'weekend', or an array of 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' and 'sun'";

/** Has the engine judge by thresholds from now on; what is wrong with them. */
export function retune(backend: Backend, handle: number, thresholds: Thresholds, now: number): readonly Problem[] {
  const [failures, inARow, failureRate, slowCallRate, minimumCalls] = thresholds;
  return backend.retune(handle, failures, inARow, failureRate, slowCallRate, minimumCalls, now);
}

/** Reads the entries of a schedule. `check` tells what the engine finds wrong with thresholds. */
export function readEntries(
  reader: OptionsReader,
  given: unknown,
  check: (thresholds: Thresholds) => readonly Problem[],
): Entry[] {
  if (!Array.isArray(given) || given.length === 0 || given.length > MOST) {
    const kind = given === undefined ? 'missing' : Array.isArray(given) ? 'range' : 'type';
    const expected = `an array of 1 to ${MOST} entries`;
    reader.report('schedule.entries', kind, kind === 'missing' ? `given: ${expected}` : expected);
    return [];
  }
  return given.map((entry: unknown, index) => readEntry(reader, `schedule.entries.${index}`, entry, check));
}

function readEntry(
  reader: OptionsReader,
  path: string,
  given: unknown,
  check: (thresholds: Thresholds) => readonly Problem[],
): Entry {
  if (Object.prototype.toString.call(given) !== '[object Object]') {
    reader.report(path, 'type', '{days, from, to} and thresholds');
    return { when: [EVERY_DAY, 0, END_OF_DAY], thresholds: OWN };
  }
  const entry = given as OptionsObject;
  for (const name of Object.keys(entry)) {
    if (!KNOWN.has(name) && entry[name] !== undefined) reader.report(`${path}.${name}`, 'unknown', '');
  }
  const from = minuteOf(entry['from'], 0, END_OF_DAY - 1);
  const to = minuteOf(entry['to'], 1, END_OF_DAY);
  const days = daysOf(entry['days']);
  const wrong = (name: string, expected: string) =>
    reader.report(
      `${path}.${name}`,
      typeof entry[name] === 'string' || Array.isArray(entry[name]) ? 'range' : 'type',
      expected,
    );
  if (days === undefined) wrong('days', DAYS_EXPECTED);
  if (from === undefined) wrong('from', "a time of day from '00:00' to '23:59'");
  if (to === undefined) wrong('to', "a time of day from '00:01' to '24:00'");
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
  check: (thresholds: Thresholds) => readonly Problem[],
): Thresholds {
  const isGiven = NAMES.some((name) => entry[name] !== undefined);
  if (!isGiven) reader.report(path, 'missing', `given at least one of ${NAMES.slice(0, -1).join(', ')}`);
  const numbers = NAMES.map((name) => {
    const value = entry[name];
    if (value === undefined) return Number.NaN;
    return typeof value === 'number' && !Number.isNaN(value) ? value : WRONG;
  });
  const thresholds = numbers as unknown as Thresholds;
  for (const { option, kind, expected } of check(thresholds)) {
    const isMistyped = kind === 'range' && typeof entry[option] !== 'number';
    reader.report(`${path}.${option}`, isMistyped ? 'type' : kind, expected);
  }
  return thresholds;
}

/** A bit for each day. */
function daysOf(given: unknown): number | undefined {
  if (given === undefined) return EVERY_DAY;
  if (given === 'weekdays') return WEEKDAYS;
  if (given === 'weekend') return WEEKEND;
  if (!Array.isArray(given) || given.length === 0 || !given.every((day) => DAYS.includes(day as string))) {
    return undefined;
  }
  return given.reduce((days: number, day: string) => days | (1 << DAYS.indexOf(day)), 0);
}

/** The minute of the day of a time such as `08:30`. */
function minuteOf(given: unknown, least: number, most: number): number | undefined {
  if (given === undefined) return least === 0 ? 0 : END_OF_DAY;
  const [, hours, minutes] = (typeof given === 'string' ? /^(\d\d):([0-5]\d)$/.exec(given) : null) ?? [];
  let minute = Number(hours) * 60 + Number(minutes);
  // As an end, the midnight that a day begins with is that of the day that follows.
  if (minute === 0 && least > 0) minute = END_OF_DAY;
  return minute >= least && minute <= most ? minute : undefined;
}
