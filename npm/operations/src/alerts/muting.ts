import { isInWeekTimes, readOptions, readWeekTimes, WeekClock } from 'fusewire/kit';
import type { OptionsReader, WeekTimes } from 'fusewire/kit';
import type { Muting } from './alert.ts';
import { LONGEST_DURATION, matcherOf, readPatterns } from './rule.ts';

/**
 * Alerts that a silence or a maintenance window mutes: those that meet every condition. `*` at the end of a text stands for any
 * further characters, and one of several texts is enough. Default: all alerts.
 */
export interface AlertMatch {
  readonly rule?: string | readonly string[] | undefined;
  readonly breaker?: string | readonly string[] | undefined;
  readonly source?: string | readonly string[] | undefined;
  readonly severity?: string | readonly string[] | undefined;
}

/** Options of a silence. One of `for` and `until` must be set. */
export interface SilenceOptions extends AlertMatch {
  /** Person or program that silences the alerts. */
  readonly by: string;
  readonly why: string;
  /** Milliseconds from now: 1 to 2 592 000 000. */
  readonly for?: number | undefined;
  /** End, at most 30 days from now. */
  readonly until?: Date | undefined;
}

/** Silence: alerts that are not announced for some time. */
export interface Silence {
  readonly id: string;
  readonly match: AlertMatch;
  readonly by: string;
  readonly why: string;
  readonly from: Date;
  readonly until: Date;
}

/** Maintenance window: a time at which alerts are not announced. */
export type MaintenanceWindow = OnceWindow | WeeklyWindow;

/** Maintenance window that occurs once. */
export interface OnceWindow extends AlertMatch {
  readonly from: Date;
  readonly to: Date;
  readonly why: string;
}

/** Maintenance window that occurs every week, in local time. */
export interface WeeklyWindow extends AlertMatch {
  /** Days on which it begins. Default: every day. */
  readonly days?:
    'weekdays' | 'weekend' | readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[] | undefined;
  /** First minute, `'00:00'` to `'23:59'`. Default `'00:00'`. */
  readonly from?: string | undefined;
  /** Minute after the last one, up to `'24:00'`. If it is not after `from`, it is on the next day. Default `'24:00'`. */
  readonly to?: string | undefined;
  /** IANA time zone such as `'Africa/Nairobi'`. Default: that of the process. */
  readonly timeZone?: string | undefined;
  readonly why: string;
}

/** Fields of an alert by which it is muted. */
export type Muteable = Readonly<Record<'rule' | 'breaker' | 'source' | 'severity', string>>;

const FIELDS = ['rule', 'breaker', 'source', 'severity'] as const;
const MOST_SILENCES = 1_000;
const MOST_WINDOWS = 1_000;
const LONGEST_TEXT = 1_000;

interface Window {
  readonly matches: (alert: Muteable) => boolean;
  readonly isAt: (time: number) => boolean;
  readonly why: string;
  readonly until: Date | null;
}

interface KeptSilence {
  readonly silence: Silence;
  readonly matches: (alert: Muteable) => boolean;
}

/** Silences and maintenance windows. Times are milliseconds since 1970. */
export class Mutings {
  readonly #windows: readonly Window[];
  readonly #silences = new Map<string, KeptSilence>();
  #last = 0;

  /** @throws {OptionsError} with every problem of the windows. */
  constructor(windows: unknown) {
    this.#windows = readWindows(windows);
  }

  /** Returns why an alert is muted, or null if it is not. */
  of(alert: Muteable, time: number): Muting | null {
    for (const { silence, matches } of this.#silences.values()) {
      const { id, by, why, until } = silence;
      if (time < until.getTime() && matches(alert)) return { kind: 'silence', silence: id, by, why, until };
    }
    const window = this.#windows.find(({ isAt, matches }) => isAt(time) && matches(alert));
    if (window === undefined) return null;
    return { kind: 'maintenance', silence: null, by: null, why: window.why, until: window.until };
  }

  /** Adds a silence. */
  silence(options: unknown, time: number): Silence {
    this.#dropExpired(time);
    const { silence, matches } = readSilence(options, time, `silence-${++this.#last}`, this.#silences.size);
    this.#silences.set(silence.id, { silence, matches });
    return silence;
  }

  /** Ends a silence. Returns it, or undefined if there is none of that id. */
  end(id: string): Silence | undefined {
    const kept = this.#silences.get(id);
    this.#silences.delete(id);
    return kept?.silence;
  }

  /** Returns the silences that have not expired, the oldest first. */
  silences(time: number): Silence[] {
    this.#dropExpired(time);
    return [...this.#silences.values()].map(({ silence }) => silence);
  }

  #dropExpired(time: number): void {
    for (const [id, { silence }] of this.#silences) if (silence.until.getTime() <= time) this.#silences.delete(id);
  }
}

function readSilence(options: unknown, time: number, id: string, count: number): KeptSilence {
  const reader = readOptions('Silence', id, options);
  const match = readMatch(reader);
  const by = readText(reader, 'by');
  const why = readText(reader, 'why');
  const duration = reader.number('for', 1, LONGEST_DURATION, `a number of milliseconds from 1 to ${LONGEST_DURATION}`);
  const end = readDate(reader, 'until');
  const isOne = (reader.value('for') === undefined) !== (reader.value('until') === undefined);
  if (!isOne) reader.report('until', 'missing', 'given, or for, but not both');
  const until = end?.getTime() ?? time + (duration ?? 0);
  if (end !== undefined && !(until > time && until <= time + LONGEST_DURATION))
    reader.report('until', 'range', 'a time within the next 30 days');
  if (count >= MOST_SILENCES) reader.report('silences', 'range', `at most ${MOST_SILENCES} at a time`);
  reader.finish('by', 'why');
  return {
    silence: { id, match: match.fields, by, why, from: new Date(time), until: new Date(until) },
    matches: match.matches,
  };
}

function readWindows(windows: unknown): readonly Window[] {
  const reader = readOptions('Alerts', 'maintenance', { maintenance: windows });
  const given = reader.value('maintenance') ?? [];
  if (!Array.isArray(given) || given.length > MOST_WINDOWS) {
    reader.report(
      'maintenance',
      Array.isArray(given) ? 'range' : 'type',
      `an array of at most ${MOST_WINDOWS} windows`,
    );
  }
  reader.finish();
  return (given as unknown[]).map((window, index) => readWindow(window, `maintenance ${index}`));
}

function readWindow(options: unknown, name: string): Window {
  const reader = readOptions('Maintenance window', name, options);
  const { matches } = readMatch(reader);
  const why = readText(reader, 'why');
  const [from, to] = [reader.value('from'), reader.value('to')];
  if (from instanceof Date || to instanceof Date) {
    const [start, end] = [readDate(reader, 'from'), readDate(reader, 'to')];
    if (start !== undefined && end !== undefined && !(start < end)) reader.report('to', 'range', 'a time after from');
    reader.finish('from', 'to', 'why');
    const [first, last] = [Number(start), Number(end)];
    return { matches, why, until: new Date(last), isAt: (time) => time >= first && time < last };
  }
  const times = readWeekTimes(reader, '', { days: reader.value('days'), from, to });
  const isAt = weekly(reader, times);
  reader.finish('why');
  return { matches, why, until: null, isAt };
}

/** Returns a function that decides whether a time is in a weekly window. It asks the calendar once for each minute. */
function weekly(reader: OptionsReader, times: WeekTimes): (time: number) => boolean {
  const timeZone = reader.value('timeZone');
  let week: WeekClock | undefined;
  try {
    week = new WeekClock(timeZone as string | undefined);
  } catch {
    reader.report('timeZone', typeof timeZone === 'string' ? 'range' : 'type', 'an IANA time zone');
  }
  let [minute, isIn] = [Number.NaN, false];
  return (time) => {
    const present = Math.floor(time / MINUTE);
    if (present !== minute) [minute, isIn] = [present, week !== undefined && isInWeekTimes(times, week.minuteAt(time))];
    return isIn;
  };
}

const MINUTE = 60_000;

function readMatch(reader: OptionsReader): { fields: AlertMatch; matches: (alert: Muteable) => boolean } {
  const fields: Record<string, readonly string[]> = {};
  const conditions: ((alert: Muteable) => boolean)[] = [];
  for (const field of FIELDS) {
    const value = reader.value(field);
    if (value === undefined) continue;
    const patterns = readPatterns(value);
    if (patterns === undefined) reader.report(field, 'type', 'a string or an array of strings');
    fields[field] = patterns ?? [];
    const matches = matcherOf(patterns ?? []);
    conditions.push((alert) => matches(alert[field]));
  }
  return { fields, matches: (alert) => conditions.every((condition) => condition(alert)) };
}

/** Reads a text for people: who, or why. */
export function readText(reader: OptionsReader, option: string): string {
  const value = reader.value(option);
  if (typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST_TEXT) return value;
  if (value !== undefined) {
    reader.report(option, typeof value === 'string' ? 'range' : 'type', `a text of 1 to ${LONGEST_TEXT} characters`);
  }
  return '';
}

function readDate(reader: OptionsReader, option: string): Date | undefined {
  const value = reader.value(option);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  if (value !== undefined) reader.report(option, 'type', 'a valid Date');
  return undefined;
}
