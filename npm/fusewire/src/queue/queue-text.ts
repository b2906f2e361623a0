import { describeError } from '../logging.ts';

/** Characters that not every store can keep: NUL, and halves of surrogate pairs. */
const INVALID_TEXT = /[\0\p{Surrogate}]/u;
const INVALID_CHARACTERS = /[\0\p{Surrogate}]/gu;
const LONGEST_KEY = 512;
const LONGEST_TOPIC = 200;
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

/** Converts an error to text for the store. */
export function errorText(error: unknown): string {
  try {
    return describeError(error).slice(0, LONGEST_ERROR).replaceAll(INVALID_CHARACTERS, '\uFFFD');
  } catch {
    return 'an error that cannot be converted to text';
  }
}

/** Converts a payload to JSON. */
export function toJson(payload: unknown): string {
  const text = JSON.stringify(payload) as string | undefined;
  if (text === undefined) throw new TypeError('Queue: payload must be something that JSON can hold');
  return text;
}

/** Returns the value of a JSON text; undefined if it is not JSON. */
export function fromJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const LONGEST_TIMEOUT = 2_147_483_647;
const DEFAULT_TIMEOUT = 10_000;

/** Returns the option `timeout` of `close`, or throws. */
export function checkTimeout(options: { readonly timeout?: number | undefined }): number {
  if (typeof options !== 'object' || options === null) throw new TypeError('Queue: the options must be an object');
  const { timeout = DEFAULT_TIMEOUT } = options;
  if (typeof timeout !== 'number') throw new TypeError('Queue: timeout must be a number of milliseconds');
  if (!(timeout >= 0 && timeout <= LONGEST_TIMEOUT)) {
    throw new RangeError(`Queue: timeout must be a number of milliseconds from 0 to ${LONGEST_TIMEOUT}`);
  }
  return timeout;
}
