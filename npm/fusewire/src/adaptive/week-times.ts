import type { OptionsObject } from '../options/plain-data.ts';
import type { OptionsReader } from '../options/options-reader.ts';

/**
 * Times of the week: bits of the days, Monday first, and the first minute of the day and the one after the last. If the last
 * is not after the first, it is on the next day. The engine reads them in this form.
 */
export type WeekTimes = readonly [days: number, from: number, to: number];

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** Bits of the days of the week, Monday first. */
const EVERY_DAY = 0b111_1111;
const WEEKDAYS = 0b001_1111;
const WEEKEND = 0b110_0000;
/** Minutes of a day. */
const END_OF_DAY = 1_440;

const DAYS_EXPECTED = "'weekdays', 'weekend', or an array of 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' and 'sun'";

/** All times of the week. */
export const EVERY_MINUTE: WeekTimes = [EVERY_DAY, 0, END_OF_DAY];

/**
 * Reads the options `days`, `from` and `to` of an entry. Their problems go to the reader.
 *
 * @param prefix the path of the entry with a dot at its end; empty if the entry is the options themselves.
 */
export function readWeekTimes(reader: OptionsReader, prefix: string, entry: OptionsObject): WeekTimes {
  const from = minuteOf(entry['from'], 0, END_OF_DAY - 1);
  const to = minuteOf(entry['to'], 1, END_OF_DAY);
  const days = daysOf(entry['days']);
  const reportInvalid = (name: string, expected: string) =>
    reader.report(
      `${prefix}${name}`,
      typeof entry[name] === 'string' || Array.isArray(entry[name]) ? 'range' : 'type',
      expected,
    );
  if (days === undefined) reportInvalid('days', DAYS_EXPECTED);
  if (from === undefined) reportInvalid('from', "a time of day from '00:00' to '23:59'");
  if (to === undefined) reportInvalid('to', "a time of day from '00:01' to '24:00'");
  const when: WeekTimes = [days ?? EVERY_DAY, from ?? 0, to ?? END_OF_DAY];
  if (when[1] === when[2]) {
    reader.report(`${prefix}to`, 'range', "another time than from; a whole day is from '00:00' to '24:00'");
  }
  return when;
}

/** Whether a minute of the week is in such times. Minute 0 is Monday, 00:00. */
export function isInWeekTimes([days, from, to]: WeekTimes, minute: number): boolean {
  const day = Math.floor(minute / END_OF_DAY);
  const minuteOfDay = minute % END_OF_DAY;
  const isDay = (index: number) => ((days >> (index % DAYS.length)) & 1) === 1;
  if (from < to) return isDay(day) && minuteOfDay >= from && minuteOfDay < to;
  return (isDay(day) && minuteOfDay >= from) || (isDay(day + DAYS.length - 1) && minuteOfDay < to);
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
