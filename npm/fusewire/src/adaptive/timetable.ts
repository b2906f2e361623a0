import { POLICY } from '../engine/codes.ts';
import type { OptionsReader } from '../options/options-reader.ts';
import { partOf } from '../policies/policy-handle.ts';
import type { Part } from '../policies/policy-handle.ts';
import type { OptionsObject } from '../breaker/settings.ts';
import { OWN, readEntries } from './entries.ts';
import type { Entry, Thresholds } from './entries.ts';
import type { Problem } from '../engine/backend.ts';
import { WeekClock } from './week.ts';

/** Which entry holds, looked up again only once that can have changed. */
export class Timetable {
  /** The entry that holds; -1 where none does. */
  entry = -1;
  /** When that changes, in milliseconds since 1970; infinite where it never does. */
  changesAt = Number.NEGATIVE_INFINITY;
  readonly #part: Part;
  readonly #entries: readonly Entry[];
  readonly #week: WeekClock;
  readonly #clock: () => number;
  #since = Number.NEGATIVE_INFINITY;

  constructor(part: Part, entries: readonly Entry[], week: WeekClock, clock: () => number) {
    this.#part = part;
    this.#entries = entries;
    this.#week = week;
    this.#clock = clock;
  }

  /** The thresholds that hold from now on, if they are others than before. A clock that shows no time stands still. */
  look(): Thresholds | undefined {
    const now = this.#clock();
    if ((now >= this.#since && now < this.changesAt) || !Number.isFinite(now)) return undefined;
    const { engine, handle } = this.#part;
    const before = this.entry;
    const minute = this.#week.minuteAt(now);
    const minutes = engine.scheduleChange(handle, minute);
    this.entry = engine.scheduleEntry(handle, minute);
    this.changesAt = Number.isFinite(minutes) ? this.#week.after(now, minutes) : Number.POSITIVE_INFINITY;
    this.#since = now;
    return this.entry === before ? undefined : (this.#entries[this.entry]?.thresholds ?? OWN);
  }
}

/** Reads a schedule; what is wrong with it goes to the reader. */
export function readTimetable(
  reader: OptionsReader,
  given: OptionsObject,
  check: (thresholds: Thresholds) => readonly Problem[],
  guarded: (clock: () => unknown) => () => number,
): Timetable | undefined {
  const { timeZone, entries, clock, ...unknown } = given;
  for (const name of Object.keys(unknown)) {
    if (unknown[name] !== undefined) reader.report(`schedule.${name}`, 'unknown', '');
  }
  if (clock !== undefined && typeof clock !== 'function') reader.report('schedule.clock', 'type', 'a function');
  const week = weekClockOf(reader, timeZone);
  const read = readEntries(reader, entries, check);
  if (week === undefined || read.length === 0) return undefined;
  const part = partOf(reader, POLICY.SCHEDULE, { entries: read.map(({ when }) => when) }, 'schedule');
  return new Timetable(
    part,
    read,
    week,
    typeof clock === 'function' ? guarded(clock as () => unknown) : () => Date.now(),
  );
}

function weekClockOf(reader: OptionsReader, timeZone: unknown): WeekClock | undefined {
  const expected = "a time zone such as 'UTC' or 'Europe/Berlin'";
  if (timeZone !== undefined && typeof timeZone !== 'string') {
    reader.report('schedule.timeZone', 'type', expected);
    return undefined;
  }
  try {
    return new WeekClock(timeZone);
  } catch {
    reader.report('schedule.timeZone', 'range', expected);
    return undefined;
  }
}
