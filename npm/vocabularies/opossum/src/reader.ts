import { readOptions } from 'fusewire/kit';

/** Reader of options that collects every problem. */
export type Reader = ReturnType<typeof readOptions>;

/** Longest delay of a timer, in milliseconds. */
export const LONGEST = 2 ** 31 - 1;
const MOST_BUCKETS = 100_000;
const LONGEST_NAME = 200;

/** Returns a reader of options of any type. The reader ignores options that are null, and an empty name. */
export function readerOf(subject: string, name: string, options: unknown): Reader {
  const input = options === undefined ? {} : options;
  const isPlain = typeof input === 'object' && input !== null && !Array.isArray(input);
  return readOptions(subject, shortened(name), isPlain ? withoutNullish(input) : input);
}

/** Options that may be numbers as text, such as those from environment variables. */
const NUMERIC: ReadonlySet<string> = new Set([
  'timeout',
  'resetTimeout',
  'rollingCountTimeout',
  'rollingCountBuckets',
  'capacity',
  'errorThresholdPercentage',
  'volumeThreshold',
  'cacheTTL',
  'cacheSize',
  'coalesceTTL',
  'coalesceSize',
]);

/** Returns a copy of the options that have a value, inherited ones included, with numbers for texts. */
function withoutNullish(options: object): Record<string, unknown> {
  const present: Record<string, unknown> = {};
  for (const option in options) {
    const value: unknown = (options as Record<string, unknown>)[option];
    if (value === null || value === undefined || (option === 'name' && value === '')) continue;
    if (option === 'name' && typeof value === 'string') present[option] = shortened(value);
    else present[option] = NUMERIC.has(option) ? numberIn(value) : value;
  }
  return present;
}

/** Returns the number that a text holds, such as one from an environment variable; any other value as it is. */
export function numberIn(value: unknown): unknown {
  if (typeof value !== 'string' || value.trim() === '') return value;
  const number = Number(value);
  return Number.isNaN(number) ? value : number;
}

/** Returns the part of a name that fusewire accepts. */
export function shortened(name: string): string {
  return name.slice(0, LONGEST_NAME);
}

export function readMilliseconds(reader: Reader, option: string): number | undefined {
  return reader.number(option, 0, LONGEST, `a number of milliseconds from 0 to ${LONGEST}`);
}

/** Returns a whole number or Infinity. */
export function readCount(reader: Reader, option: string): number | undefined {
  const expected = 'a whole number from 0, or Infinity';
  if (reader.value(option) === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return reader.number(option, 0, Number.POSITIVE_INFINITY, expected, true);
}

export function readBuckets(reader: Reader): number | undefined {
  const expected = `a whole number from 0 to ${MOST_BUCKETS}`;
  return reader.number('rollingCountBuckets', 0, MOST_BUCKETS, expected, true);
}

/** Returns the emitter whose `rotate` events move a window, or undefined if time moves it. */
export function readController(reader: Reader): unknown {
  const controller = reader.value('rotateBucketController');
  if (controller === undefined || hasFunctions(controller, ['on', 'removeListener'])) return controller;
  reader.report('rotateBucketController', 'type', 'an EventEmitter');
  return undefined;
}

/** Whether `value` is an object with all of these methods. */
export function hasFunctions(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}
