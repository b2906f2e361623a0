import { describeError } from '../../../logging.ts';

/** What is to be done later. */
export interface QueueMessage<Payload = unknown> {
  /**
   * The idempotency key, 1 to 512 characters of text: while a message with this key is in the queue, dead letters among them, another
   * one is a duplicate.
   */
  readonly key: string;
  /** Anything that JSON can hold; it comes back as JSON gives it back. */
  readonly payload: Payload;
}

/** A message that is in the queue. */
export interface QueueReceipt {
  readonly id: string;
  readonly key: string;
  /** Whether a message with this key was there already; its payload then stands. */
  readonly duplicate: boolean;
}

/** A message that somebody works on. It is theirs until it is settled, or the lease is over. */
export interface Lease<Payload = unknown> extends QueueMessage<Payload> {
  readonly id: string;
  /** Tells this lease from another one of the same message. */
  readonly token: string;
  /** Which attempt this is, from 1. One whose process ended without a word counts. */
  readonly attempt: number;
  /** What the attempt before this one failed with, if it said so. */
  readonly lastError: string | null;
}

/** A message that was given up. */
export interface DeadLetter<Payload = unknown> extends QueueMessage<Payload> {
  readonly id: string;
  readonly attempts: number;
  /** What the last attempt failed with. */
  readonly lastError: string | null;
}

/** How many messages there are. */
export interface QueueSize {
  /** To be done: now, or when their time has come. */
  readonly waiting: number;
  /** Under a lease. */
  readonly leased: number;
  /** Given up. */
  readonly dead: number;
}

/**
 * A queue of things to do later. What every implementation guarantees:
 *
 * - A message is as durable as the store once `enqueue` has resolved, and is there until `complete` or `discard`.
 * - At least once: a message whose lease is over, because its process ended or took too long, is given out again.
 * - One at a time: no message is under two leases. Whoever had it before cannot settle it any more: `complete`, `fail`,
 *   `release`, `bury` and `extend` then resolve with false and change nothing.
 * - In order: `claim` gives out the oldest message that may be given out. One that failed and may be tried at once keeps its
 *   place.
 *
 * Times are milliseconds from now. Every method rejects after `close`, and with a `TypeError` or `RangeError` if it is
 * given what it cannot take; none throws.
 */
export interface Queue<Payload = unknown> {
  /** Puts a message at the end, unless one with its key is there. */
  enqueue(message: QueueMessage<Payload>): Promise<QueueReceipt>;
  /** Takes the oldest message that may be given out, for so long; undefined where there is none. */
  claim(visibility: number): Promise<Lease<Payload> | undefined>;
  /** Holds on to a message for so long from now. */
  extend(lease: Lease<Payload>, visibility: number): Promise<boolean>;
  /** It is done: the message goes. */
  complete(lease: Lease<Payload>): Promise<boolean>;
  /** The attempt failed: the message may be given out again after so long. Default: at once. */
  fail(lease: Lease<Payload>, error: unknown, retryAfter?: number): Promise<boolean>;
  /** Nothing was attempted: the message may be given out again at once, as the same attempt. */
  release(lease: Lease<Payload>): Promise<boolean>;
  /** Gives the message up: it stays as a dead letter, with the error. */
  bury(lease: Lease<Payload>, error: unknown): Promise<boolean>;
  /** The oldest dead letters, at most so many. Default 100. */
  deadLetters(limit?: number): Promise<DeadLetter<Payload>[]>;
  /** Has a dead letter tried again, from its first attempt on. */
  revive(id: string): Promise<boolean>;
  /** Throws a dead letter away. */
  discard(id: string): Promise<boolean>;
  size(): Promise<QueueSize>;
  /** Lets go of what the queue itself has opened. */
  close(): Promise<void>;
}

/** A message as a store keeps it. */
export interface StoredMessage {
  readonly id: string;
  readonly key: string;
  readonly payload: string;
  readonly attempts: number;
  readonly lastError: string | null;
}

/** How a message is put back. */
export interface PutBack {
  /** Milliseconds until it may be given out. */
  readonly after: number;
  /** What the attempt failed with; null where nothing was attempted, which then does not count. */
  readonly error: string | null;
}

/**
 * What a store has to do for {@link queueOver}. A token names the lease of a message: once the message was given out again
 * or settled, what is asked under the old token changes nothing and is answered by false.
 */
export interface QueueStore {
  insert(key: string, payload: string): Promise<{ readonly id: string; readonly duplicate: boolean }>;
  /** Leases the oldest message that may be given out to `token`, and counts the attempt. */
  claim(token: string, visibility: number): Promise<StoredMessage | undefined>;
  extend(id: string, token: string, visibility: number): Promise<boolean>;
  complete(id: string, token: string): Promise<boolean>;
  putBack(id: string, token: string, how: PutBack): Promise<boolean>;
  bury(id: string, token: string, error: string | null): Promise<boolean>;
  dead(limit: number): Promise<StoredMessage[]>;
  revive(id: string): Promise<boolean>;
  discard(id: string): Promise<boolean>;
  size(): Promise<QueueSize>;
  close(): Promise<void>;
}

/** Makes a queue of a store: checks what it is given, and turns payloads into text and back. */
export function queueOver<Payload = unknown>(store: QueueStore): Queue<Payload> {
  return new StoredQueue<Payload>(store);
}

/** What not every store can hold: NUL, and one half of a surrogate pair. */
const NO_TEXT = /[\0\p{Surrogate}]/u;
const LONGEST_KEY = 512;
const LONGEST_SPAN = 31_536_000_000;
const LONGEST_ERROR = 10_000;
const MOST_LETTERS = 10_000;

class StoredQueue<Payload> implements Queue<Payload> {
  readonly #store: QueueStore;
  #closing: Promise<void> | undefined;

  constructor(store: QueueStore) {
    this.#store = store;
  }

  async enqueue(message: QueueMessage<Payload>): Promise<QueueReceipt> {
    const { key, payload } = this.#checked(message, 'message');
    checkKey(key);
    const { id, duplicate } = await this.#open().insert(key, asText(payload));
    return { id, key, duplicate };
  }

  async claim(visibility: number): Promise<Lease<Payload> | undefined> {
    checkSpan('visibility', visibility, 1);
    const token = globalThis.crypto.randomUUID();
    const message = await this.#open().claim(token, visibility);
    if (message === undefined) return undefined;
    const { id, key, payload, attempts, lastError } = message;
    return { id, key, payload: JSON.parse(payload) as Payload, token, attempt: attempts, lastError };
  }

  async extend(lease: Lease<Payload>, visibility: number): Promise<boolean> {
    const { id, token } = this.#checked(lease, 'lease');
    checkSpan('visibility', visibility, 1);
    return this.#open().extend(id, token, visibility);
  }

  async complete(lease: Lease<Payload>): Promise<boolean> {
    const { id, token } = this.#checked(lease, 'lease');
    return this.#open().complete(id, token);
  }

  async fail(lease: Lease<Payload>, error: unknown, retryAfter = 0): Promise<boolean> {
    const { id, token } = this.#checked(lease, 'lease');
    checkSpan('retryAfter', retryAfter, 0);
    return this.#open().putBack(id, token, { after: retryAfter, error: errorText(error) });
  }

  async release(lease: Lease<Payload>): Promise<boolean> {
    const { id, token } = this.#checked(lease, 'lease');
    return this.#open().putBack(id, token, { after: 0, error: null });
  }

  async bury(lease: Lease<Payload>, error: unknown): Promise<boolean> {
    const { id, token } = this.#checked(lease, 'lease');
    return this.#open().bury(id, token, errorText(error));
  }

  async deadLetters(limit = 100): Promise<DeadLetter<Payload>[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LETTERS) {
      throw new RangeError(`Queue: limit must be a whole number from 1 to ${MOST_LETTERS}`);
    }
    const messages = await this.#open().dead(limit);
    return messages.map(({ payload, ...letter }) => ({ ...letter, payload: JSON.parse(payload) as Payload }));
  }

  async revive(id: string): Promise<boolean> {
    return this.#open().revive(String(id));
  }

  async discard(id: string): Promise<boolean> {
    return this.#open().discard(String(id));
  }

  async size(): Promise<QueueSize> {
    return this.#open().size();
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#store.close());
  }

  #open(): QueueStore {
    if (this.#closing !== undefined) throw new Error('Queue: it is closed');
    return this.#store;
  }

  #checked<Given>(given: Given, what: string): Given {
    if (typeof given === 'object' && given !== null) return given;
    throw new TypeError(`Queue: the ${what} must be an object`);
  }
}

function checkKey(key: unknown): void {
  if (typeof key !== 'string') throw new TypeError('Queue: key must be a string');
  if (key.length === 0 || key.length > LONGEST_KEY) {
    throw new RangeError(`Queue: key must have 1 to ${LONGEST_KEY} characters`);
  }
  if (NO_TEXT.test(key)) throw new RangeError('Queue: key must be text, without NUL and halves of characters');
}

function checkSpan(option: string, span: unknown, least: number): void {
  if (typeof span !== 'number') throw new TypeError(`Queue: ${option} must be a number of milliseconds`);
  if (!(span >= least && span <= LONGEST_SPAN)) {
    throw new RangeError(`Queue: ${option} must be a number of milliseconds from ${least} to ${LONGEST_SPAN}`);
  }
}

/** What is kept of an error. */
function errorText(error: unknown): string {
  try {
    const text = describeError(error).slice(0, LONGEST_ERROR);
    return text.replaceAll(new RegExp(NO_TEXT, 'gu'), '\uFFFD');
  } catch {
    return 'an error that cannot be told';
  }
}

function asText(payload: unknown): string {
  const text = JSON.stringify(payload) as string | undefined;
  if (text === undefined) throw new TypeError('Queue: payload must be something that JSON can hold');
  return text;
}
