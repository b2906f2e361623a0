import { LONGEST_DURATION } from './consumer-options.ts';
import type { LetterFilter, LetterPage, LetterPosition, LetterRange } from './queue-store.ts';
import type { DeadLetterFilter, DeadLetterOptions, DeadLetterPage, DeadLetterSelection } from './queue.ts';
import { checkTopic, fromJson, requireObject } from './queue-text.ts';

const MAX_LETTERS = 10_000;
const DEFAULT_LIMIT = 100;
const LONGEST_ERROR_PART = 1_000;
/** Dead letters that one step of the store changes: few enough to hold up nobody. */
const BATCH = 1_000;

/** Returns the conditions of a selection, which must have one or be for all. */
export function readSelection(selection: DeadLetterSelection): LetterFilter {
  const { all, ...conditions } = requireObject(selection, 'selection');
  const filter = readFilter(conditions);
  const isEmpty = Object.values(filter).every((condition) => condition === undefined);
  if (all !== undefined && all !== true) throw new TypeError('Queue: all must be true, or be left out');
  if (isEmpty && all !== true) throw new RangeError('Queue: the selection must have a condition, or all: true');
  if (!isEmpty && all === true) throw new RangeError('Queue: the selection must not have a condition with all: true');
  return filter;
}

/** Returns the conditions and the range of a page. */
export function readPageOptions(options: DeadLetterOptions): { readonly filter: LetterFilter; range: LetterRange } {
  const { limit = DEFAULT_LIMIT, after, newestFirst = false, ...conditions } = requireObject(options, 'options');
  const filter = readFilter(conditions);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LETTERS) {
    throw new RangeError(`Queue: limit must be a whole number from 1 to ${MAX_LETTERS}`);
  }
  if (typeof newestFirst !== 'boolean') throw new TypeError('Queue: newestFirst must be true or false');
  return { filter, range: { limit, newestFirst, after: after === undefined ? undefined : readCursor(after) } };
}

/** Returns a page for the program. */
export function toPage<Payload>({ letters, next }: LetterPage): DeadLetterPage<Payload> {
  return {
    letters: letters.map(({ id, topic, key, group = null, payload, attempts, lastError, age, deadFor }) => {
      const value = fromJson(payload)?.value as Payload;
      return { id, topic, key, group, payload: value, attempts, lastError, age, deadFor };
    }),
    next: next === null ? null : `${next.at}_${next.id}`,
  };
}

/**
 * Calls `change` until it has changed all dead letters that there were, and returns their number. Those that it revives and
 * that die again are not changed for ever.
 *
 * @param dead number of dead letters at the beginning.
 */
export async function changeAll(change: (limit: number) => Promise<number>, dead: number): Promise<number> {
  let total = 0;
  while (total < dead) {
    const changed = await change(Math.min(BATCH, dead - total));
    total += changed;
    if (changed < BATCH) break;
  }
  return total;
}

function readFilter(filter: DeadLetterFilter): LetterFilter {
  const { topic, ids, error, olderThan, ...others } = filter;
  // A misspelt condition would select more than was meant.
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TypeError('Queue: the conditions for dead letters are topic, ids, error and olderThan, and no others');
  }
  if (topic !== undefined) checkTopic(topic);
  if (ids !== undefined && !(Array.isArray(ids) && ids.every((id) => typeof id === 'string'))) {
    throw new TypeError('Queue: ids must be an array of strings');
  }
  if (ids !== undefined && ids.length > MAX_LETTERS)
    throw new RangeError(`Queue: ids must be at most ${MAX_LETTERS} ids`);
  if (error !== undefined && typeof error !== 'string') throw new TypeError('Queue: error must be a string');
  if (error !== undefined && (error === '' || error.length > LONGEST_ERROR_PART)) {
    throw new RangeError(`Queue: error must have 1 to ${LONGEST_ERROR_PART} characters`);
  }
  if (olderThan !== undefined && typeof olderThan !== 'number') {
    throw new TypeError('Queue: olderThan must be a number of milliseconds');
  }
  if (olderThan !== undefined && !(olderThan >= 0 && olderThan <= LONGEST_DURATION)) {
    throw new RangeError(`Queue: olderThan must be a number of milliseconds from 0 to ${LONGEST_DURATION}`);
  }
  return { topic, ids, error, olderThan };
}

function readCursor(after: unknown): LetterPosition {
  if (typeof after !== 'string') throw new TypeError('Queue: after must be a string, the value next of a page');
  const [, at, id] = /^(-?[\d.e+]+)_(.+)$/su.exec(after) ?? [];
  if (id === undefined || !Number.isFinite(Number(at))) {
    throw new RangeError('Queue: after must be the value next of a page');
  }
  return { at: Number(at), id };
}
