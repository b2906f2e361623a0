import { POLICY } from '../engine/codes.ts';
import type { OptionsReader } from '../options/options-reader.ts';
import { createPolicyHandle } from '../policies/policy-handle.ts';
import type { PolicyHandle } from '../policies/policy-handle.ts';
import type { OptionsObject } from '../options/plain-data.ts';
import { NO_OVERRIDES, readEntries } from './schedule-entries.ts';
import type { Entry, ThresholdOverrides } from './schedule-entries.ts';
import type { Problem } from '../engine/backend.ts';
import { WeekClock } from './week-clock.ts';

const OPTIONS = ['timeZone', 'entries', 'clock'];

/** Schedule of thresholds by the time of the week. */
export class Schedule {
  /** Index of the entry that holds; -1 if none does. */
  entry = -1;
  /** Time of the next change of the entry, in milliseconds since 1970; infinite if it never changes. */
  changesAt = Number.NEGATIVE_INFINITY;
  readonly #handle: PolicyHandle;
  readonly #entries: readonly Entry[];
  readonly #week: WeekClock;
  readonly #clock: () => number;
  #updatedAt = Number.NEGATIVE_INFINITY;

  constructor(handle: PolicyHandle, entries: readonly Entry[], week: WeekClock, clock: () => number) {
    this.#handle = handle;
    this.#entries = entries;
    this.#week = week;
    this.#clock = clock;
  }

  /**
   * Reads the clock and updates the entry, if it can have changed. Returns the thresholds of the new entry, or undefined
   * if the entry stays the same. A clock that returns no finite number keeps the entry.
   */
  update(): ThresholdOverrides | undefined {
    const now = this.#clock();
    if ((now >= this.#updatedAt && now < this.changesAt) || !Number.isFinite(now)) return undefined;
    const { engine, id } = this.#handle;
    const before = this.entry;
    const minute = this.#week.minuteAt(now);
    const minutes = engine.scheduleChange(id, minute);
    this.entry = engine.scheduleEntry(id, minute);
    this.changesAt = Number.isFinite(minutes) ? this.#week.after(now, minutes) : Number.POSITIVE_INFINITY;
    this.#updatedAt = now;
    return this.entry === before ? undefined : (this.#entries[this.entry]?.thresholds ?? NO_OVERRIDES);
  }
}

/**
 * Reads the option `schedule`. Its problems go to the reader.
 *
 * @param check returns the problems that the engine finds in thresholds.
 * @param guard wraps the clock of the options so that it cannot throw.
 */
export function readSchedule(
  reader: OptionsReader,
  options: OptionsObject,
  check: (thresholds: ThresholdOverrides) => readonly Problem[],
  guard: (clock: () => unknown) => () => number,
): Schedule | undefined {
  const { timeZone, entries, clock, ...unknown } = options;
  reader.suggest(OPTIONS.map((option) => `schedule.${option}`));
  for (const name of Object.keys(unknown)) {
    if (unknown[name] !== undefined) reader.report(`schedule.${name}`, 'unknown', '');
  }
  if (clock !== undefined && typeof clock !== 'function') reader.report('schedule.clock', 'type', 'a function');
  const week = readWeekClock(reader, timeZone);
  const validEntries = readEntries(reader, entries, check);
  if (week === undefined || validEntries.length === 0) return undefined;
  const handle = createPolicyHandle(
    reader,
    POLICY.SCHEDULE,
    { entries: validEntries.map(({ when }) => when) },
    'schedule',
  );
  const now = typeof clock === 'function' ? guard(clock as () => unknown) : () => Date.now();
  return new Schedule(handle, validEntries, week, now);
}

function readWeekClock(reader: OptionsReader, timeZone: unknown): WeekClock | undefined {
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
