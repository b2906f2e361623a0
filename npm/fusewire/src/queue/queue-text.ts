import { describeError } from '../logging.ts';

/** Characters that not every store can keep: NUL, and halves of surrogate pairs. */
const INVALID_TEXT = /[\0\p{Surrogate}]/u;
const INVALID_CHARACTERS = /[\0\p{Surrogate}]/gu;
const LONGEST_KEY = 512;
const LONGEST_TOPIC = 200;
const LONGEST_GROUP = 512;
const LONGEST_ERROR = 10_000;
/** Texts of values that identify nothing. */
const NO_KEYS: ReadonlySet<string> = new Set(['undefined', 'null', 'NaN', '[object Object]', '[object Promise]']);

/** Throws unless `key` is a key. */
export function checkKey(key: unknown): asserts key is string {
  checkText('key', key, LONGEST_KEY);
  if (NO_KEYS.has(key)) {
    throw new RangeError(`Queue: key must identify the operation, and not be the text of ${key}`);
  }
}

/** Throws unless `topic` is a topic. */
export function checkTopic(topic: unknown): asserts topic is string {
  checkText('topic', topic, LONGEST_TOPIC);
}

/** Throws unless `group` is the name of a group. */
export function checkGroup(group: unknown): asserts group is string {
  checkText('group', group, LONGEST_GROUP);
  if (NO_KEYS.has(group)) {
    throw new RangeError(`Queue: group must identify an entity, and not be the text of ${group}`);
  }
}

/** Whether `topic` is a topic. */
export function isTopic(topic: unknown): topic is string {
  return typeof topic === 'string' && topic.length > 0 && topic.length <= LONGEST_TOPIC && !INVALID_TEXT.test(topic);
}

function checkText(option: string, text: unknown, longest: number): asserts text is string {
  if (typeof text !== 'string') throw new TypeError(`Queue: ${option} must be a string`);
  if (text.length === 0 || text.length > longest) {
    throw new RangeError(`Queue: ${option} must have 1 to ${longest} characters`);
  }
  if (INVALID_TEXT.test(text))
    throw new RangeError(`Queue: ${option} must be text, without NUL and halves of characters`);
}

/** Returns a text that every store can keep: NUL and halves of surrogate pairs become U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll(INVALID_CHARACTERS, '\uFFFD');
}

/** Converts an error to text for the store. */
export function errorText(error: unknown): string {
  try {
    return storableText(describeError(error).slice(0, LONGEST_ERROR));
  } catch {
    return 'an error that cannot be converted to text';
  }
}

/**
 * Converts a payload to JSON.
 *
 * @param maxBytes most bytes of the JSON in UTF-8.
 */
export function toJson(payload: unknown, maxBytes: number): string {
  const text = JSON.stringify(payload) as string | undefined;
  if (text === undefined) throw new TypeError('Queue: payload must be something that JSON can hold');
  if (text.length * MAX_BYTES_PER_UNIT <= maxBytes) return text;
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > maxBytes) throw new RangeError(`Queue: payload has ${bytes} bytes as JSON; maxPayload is ${maxBytes}`);
  return text;
}

/** Most bytes in UTF-8 of one unit of UTF-16. */
const MAX_BYTES_PER_UNIT = 3;

/** Returns the value of a JSON text; undefined if it is not JSON. */
export function fromJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Returns an argument, or throws if it is no object. */
export function requireObject<T>(value: T, argument: string): T {
  if (typeof value === 'object' && value !== null) return value;
  throw new TypeError(`Queue: the ${argument} must be an object`);
}

const LONGEST_TIMEOUT = 2_147_483_647;
const DEFAULT_TIMEOUT = 10_000;

/** Returns the option `timeout` of `close`, or throws. */
export function checkTimeout(options: { readonly timeout?: number | undefined }): number {
  const { timeout = DEFAULT_TIMEOUT } = requireObject(options, 'options');
  if (typeof timeout !== 'number') throw new TypeError('Queue: timeout must be a number of milliseconds');
  if (!(timeout >= 0 && timeout <= LONGEST_TIMEOUT)) {
    throw new RangeError(`Queue: timeout must be a number of milliseconds from 0 to ${LONGEST_TIMEOUT}`);
  }
  return timeout;
}
