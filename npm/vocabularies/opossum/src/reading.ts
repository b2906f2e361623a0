import { readOptions } from 'fusewire';

/** Reads options and collects what is wrong with them. */
export type Reader = ReturnType<typeof readOptions>;

/** What a timer can wait for, in milliseconds. */
export const LONGEST = 2 ** 31 - 1;
const MOST_BUCKETS = 100_000;
const LONGEST_NAME = 200;

/** A reader of options, which may be anything; null and an empty name are as good as nothing. */
export function readerOf(subject: string, name: string, options: unknown): Reader {
  const given = options === undefined ? {} : options;
  const isPlain = typeof given === 'object' && given !== null && !Array.isArray(given);
  return readOptions(subject, shortened(name), isPlain ? withoutNothing(given) : given);
}

/** What is inherited counts, as wherever an option is read by its name. */
function withoutNothing(given: object): Record<string, unknown> {
  const there: Record<string, unknown> = {};
  for (const option in given) {
    const value: unknown = (given as Record<string, unknown>)[option];
    const isThere = value !== null && value !== undefined && !(option === 'name' && value === '');
    if (isThere) there[option] = option === 'name' && typeof value === 'string' ? shortened(value) : value;
  }
  return there;
}

/** What fusewire takes of a name. */
export function shortened(name: string): string {
  return name.slice(0, LONGEST_NAME);
}

export function readMilliseconds(reader: Reader, option: string): number | undefined {
  return reader.number(option, 0, LONGEST, `a number of milliseconds from 0 to ${LONGEST}`);
}

export function readBuckets(reader: Reader): number | undefined {
  const expected = `a whole number from 0 to ${MOST_BUCKETS}`;
  return reader.number('rollingCountBuckets', 0, MOST_BUCKETS, expected, true);
}

/** What moves a window instead of time. */
export function readController(reader: Reader): unknown {
  const controller = reader.value('rotateBucketController');
  if (controller === undefined || hasFunctions(controller, ['on', 'removeListener'])) return controller;
  reader.report('rotateBucketController', 'type', 'an EventEmitter');
  return undefined;
}

export function hasFunctions(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}
