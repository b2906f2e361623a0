import type { Backend, Problem } from '../engine/backend.ts';
import { isPlainObject } from '../options/plain-data.ts';
import type { OptionsObject } from '../options/plain-data.ts';
import type { OptionsReader } from '../options/options-reader.ts';
import { EVERY_MINUTE, readWeekTimes } from './week-times.ts';
import type { WeekTimes } from './week-times.ts';

/**
 * Thresholds that replace those of a breaker: failures, consecutive failures, failure rate, slow-call rate, and minimum
 * calls. NaN keeps the breaker's own.
 */
export type ThresholdOverrides = readonly [number, number, number, number, number];

/** Keeps all thresholds of the breaker. */
export const NO_OVERRIDES: ThresholdOverrides = [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN];

/** Validated entry of a schedule. */
export interface Entry {
  readonly when: WeekTimes;
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

const OPTIONS: ReadonlySet<string> = new Set(['days', 'from', 'to', ...THRESHOLDS]);
const MAX_ENTRIES = 100;
/** Value that is invalid for every threshold: the engine reports the problem. */
const INVALID = -1;

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
    return { when: EVERY_MINUTE, thresholds: NO_OVERRIDES };
  }
  reader.suggest([...OPTIONS].map((option) => `schedule.entries.${option}`));
  for (const name of Object.keys(entry)) {
    if (!OPTIONS.has(name) && entry[name] !== undefined) reader.report(`${path}.${name}`, 'unknown', '');
  }
  const when = readWeekTimes(reader, `${path}.`, entry);
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
