import { describeError } from '../../../logging.ts';

/** Message for a queue: an operation to run later. */
export interface QueueMessage<Payload = unknown> {
  /**
   * Idempotency key, 1 to 512 characters of text. While a message with this key is in the queue, dead letters included,
   * another one is a duplicate.
   */
  readonly key: string;
  /** Any JSON value. `claim` returns it parsed. */
  readonly payload: Payload;
}

/** Receipt for a message in the queue. */
export interface QueueReceipt {
  readonly id: string;
  readonly key: string;
  /** Whether a message with this key was in the queue already. Its payload is kept. */
  readonly duplicate: boolean;
}

/** A claimed message. It belongs to one worker until it is settled or the lease expires. */
export interface Lease<Payload = unknown> extends QueueMessage<Payload> {
  readonly id: string;
  /** Token that distinguishes this lease from other leases of the same message. */
  readonly token: string;
  /** Number of the attempt, from 1. An attempt whose process died counts. */
  readonly attempt: number;
  /** Error of the previous attempt, if it reported one. */
  readonly lastError: string | null;
}

/** A message whose attempts have all failed. */
export interface DeadLetter<Payload = unknown> extends QueueMessage<Payload> {
  readonly id: string;
  readonly attempts: number;
  /** Error of the last attempt. */
  readonly lastError: string | null;
}

/** Number of messages in a queue. */
export interface QueueSize {
  /** Messages without a lease, including those in a retry delay. */
  readonly waiting: number;
  /** Messages under a lease. */
  readonly leased: number;
  /** Dead letters. */
  readonly dead: number;
}

/**
 * A queue of operations to run later. Every implementation guarantees:
 *
 * - Durability: a message is as durable as the store once `enqueue` has resolved, and is kept until `complete` or
 *   `discard`.
 * - At least once: a message whose lease has expired, because its process died or took too long, can be claimed
 *   again.
 * - One lease at a time: the holder of an expired lease can no longer settle the message. `complete`, `fail`,
 *   `release`, `bury` and `extend` then resolve with false and change nothing.
 * - Order: `claim` returns the oldest message that can be claimed. A failed message without a retry delay keeps its
 *   position.
 *
 * Times are milliseconds from now. Every method rejects after `close`, and with a `TypeError` or `RangeError` for
 * invalid arguments; none throws.
 */
export interface Queue<Payload = unknown> {
  /** Adds a message at the end, unless one with its key is in the queue. */
  enqueue(message: QueueMessage<Payload>): Promise<QueueReceipt>;
  /**
   * Leases the oldest message that can be claimed for `visibility` milliseconds. Resolves with undefined if there is
   * none.
   */
  claim(visibility: number): Promise<Lease<Payload> | undefined>;
  /** Extends a lease to `visibility` milliseconds from now. */
  extend(lease: Lease<Payload>, visibility: number): Promise<boolean>;
  /** Removes a message whose operation has succeeded. */
  complete(lease: Lease<Payload>): Promise<boolean>;
  /**
   * Returns a message whose attempt has failed to the queue. It can be claimed again after `retryAfter`. Default: at
   * once.
   */
  fail(lease: Lease<Payload>, error: unknown, retryAfter?: number): Promise<boolean>;
  /**
   * Returns a message without an attempt to the queue. It can be claimed again at once, and the attempt does not count.
   */
  release(lease: Lease<Payload>): Promise<boolean>;
  /** Makes a message a dead letter, with the error. */
  bury(lease: Lease<Payload>, error: unknown): Promise<boolean>;
  /** Returns the oldest dead letters, `limit` at most. Default 100. */
  deadLetters(limit?: number): Promise<DeadLetter<Payload>[]>;
  /** Returns a dead letter to the queue, with its attempts reset. */
  revive(id: string): Promise<boolean>;
  /** Deletes a dead letter. */
  discard(id: string): Promise<boolean>;
  size(): Promise<QueueSize>;
  /** Closes the resources that the queue itself has opened. */
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

/** Details of a message that returns to the queue. */
export interface PutBack {
  /** Milliseconds until it can be claimed. */
  readonly after: number;
  /** Error of the attempt; null if there was no attempt, which then does not count. */
  readonly error: string | null;
}

/**
 * Store that {@link queueOver} turns into a queue. A token identifies the lease of a message. Methods called with the
 * token of an expired or settled lease change nothing and resolve with false.
 */
export interface QueueStore {
  insert(key: string, payload: string): Promise<{ readonly id: string; readonly duplicate: boolean }>;
  /** Leases the oldest message that can be claimed to `token`, and counts the attempt. */
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

/** Creates a queue over a store. The queue validates arguments, and converts payloads to JSON and back. */
export function queueOver<Payload = unknown>(store: QueueStore): Queue<Payload> {
  return new StoredQueue<Payload>(store);
}

/** Characters that not every store can keep: NUL, and halves of surrogate pairs. */
const INVALID_TEXT = /[\0\p{Surrogate}]/u;
const LONGEST_KEY = 512;
const LONGEST_DURATION = 31_536_000_000;
const LONGEST_ERROR = 10_000;
const MAX_LETTERS = 10_000;

class StoredQueue<Payload> implements Queue<Payload> {
  readonly #store: QueueStore;
  #closing: Promise<void> | undefined;

  constructor(store: QueueStore) {
    this.#store = store;
  }

  async enqueue(message: QueueMessage<Payload>): Promise<QueueReceipt> {
    const { key, payload } = this.#requireObject(message, 'message');
    checkKey(key);
    const { id, duplicate } = await this.#open().insert(key, toJson(payload));
    return { id, key, duplicate };
  }

  async claim(visibility: number): Promise<Lease<Payload> | undefined> {
    checkDuration('visibility', visibility, 1);
    const token = globalThis.crypto.randomUUID();
    const message = await this.#open().claim(token, visibility);
    if (message === undefined) return undefined;
    const { id, key, payload, attempts, lastError } = message;
    return { id, key, payload: JSON.parse(payload) as Payload, token, attempt: attempts, lastError };
  }

  async extend(lease: Lease<Payload>, visibility: number): Promise<boolean> {
    const { id, token } = this.#requireObject(lease, 'lease');
    checkDuration('visibility', visibility, 1);
    return this.#open().extend(id, token, visibility);
  }

  async complete(lease: Lease<Payload>): Promise<boolean> {
    const { id, token } = this.#requireObject(lease, 'lease');
    return this.#open().complete(id, token);
  }

  async fail(lease: Lease<Payload>, error: unknown, retryAfter = 0): Promise<boolean> {
    const { id, token } = this.#requireObject(lease, 'lease');
    checkDuration('retryAfter', retryAfter, 0);
    return this.#open().putBack(id, token, { after: retryAfter, error: errorText(error) });
  }

  async release(lease: Lease<Payload>): Promise<boolean> {
    const { id, token } = this.#requireObject(lease, 'lease');
    return this.#open().putBack(id, token, { after: 0, error: null });
  }

  async bury(lease: Lease<Payload>, error: unknown): Promise<boolean> {
    const { id, token } = this.#requireObject(lease, 'lease');
    return this.#open().bury(id, token, errorText(error));
  }

  async deadLetters(limit = 100): Promise<DeadLetter<Payload>[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LETTERS) {
      throw new RangeError(`Queue: limit must be a whole number from 1 to ${MAX_LETTERS}`);
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

  #requireObject<T>(value: T, argument: string): T {
    if (typeof value === 'object' && value !== null) return value;
    throw new TypeError(`Queue: the ${argument} must be an object`);
  }
}

function checkKey(key: unknown): void {
  if (typeof key !== 'string') throw new TypeError('Queue: key must be a string');
  if (key.length === 0 || key.length > LONGEST_KEY) {
    throw new RangeError(`Queue: key must have 1 to ${LONGEST_KEY} characters`);
  }
  if (INVALID_TEXT.test(key)) throw new RangeError('Queue: key must be text, without NUL and halves of characters');
}

function checkDuration(option: string, duration: unknown, least: number): void {
  if (typeof duration !== 'number') throw new TypeError(`Queue: ${option} must be a number of milliseconds`);
  if (!(duration >= least && duration <= LONGEST_DURATION)) {
    throw new RangeError(`Queue: ${option} must be a number of milliseconds from ${least} to ${LONGEST_DURATION}`);
  }
}

/** Converts an error to text for the store. */
function errorText(error: unknown): string {
  try {
    const text = describeError(error).slice(0, LONGEST_ERROR);
    return text.replaceAll(new RegExp(INVALID_TEXT, 'gu'), '\uFFFD');
  } catch {
    return 'an error that cannot be converted to text';
  }
}

function toJson(payload: unknown): string {
  const text = JSON.stringify(payload) as string | undefined;
  if (text === undefined) throw new TypeError('Queue: payload must be something that JSON can hold');
  return text;
}
