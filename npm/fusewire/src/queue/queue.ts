import type { CloseOptions, ConsumeOptions, Consumer, OperationContext } from './consumer-options.ts';
import type { QueueReceiptStatus, QueueSize } from './queue-store.ts';

/** Message for a queue: an operation to run later. */
export interface QueueMessage<Payload = unknown> {
  /**
   * Idempotency key, 1 to 512 characters of text. While a message with this key is in the topic, another one is a duplicate.
   */
  readonly key: string;
  /** Any JSON value. The handler receives it parsed. */
  readonly payload: Payload;
  /** Topic of the message, 1 to 200 characters of text. Only consumers of this topic run it. Default `'default'`. */
  readonly topic?: string | undefined;
  /** Milliseconds until the message can be run. Default 0. */
  readonly delay?: number | undefined;
  /** Priority among the messages that can be run: 0 to 4, the highest first. Default 2. */
  readonly priority?: 0 | 1 | 2 | 3 | 4 | undefined;
  /**
   * Treatment of a dead letter with this key: `'revive'` returns it to the queue with the new payload; `'keep'` leaves it
   * as it is, and the new message is not stored. Default `'revive'`.
   */
  readonly ifDead?: 'revive' | 'keep' | undefined;
}

/** Options of `enqueue`. */
export interface EnqueueOptions {
  /**
   * Connection on which the caller has begun a transaction. The message exists if, and only if, that transaction commits.
   * A client of pg, or the connection of better-sqlite3; other queues reject.
   */
  readonly in?: unknown;
}

/** Receipt for a message. The operation will run, unless `status` is `'dead'`. */
export interface QueueReceipt {
  readonly id: string;
  readonly key: string;
  readonly topic: string;
  readonly status: QueueReceiptStatus;
}

/** A message that the consumers have given up. */
export interface DeadLetter<Payload = unknown> {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  /** Payload; undefined if the stored text is not JSON. */
  readonly payload: Payload;
  readonly attempts: number;
  /** Error of the last attempt. */
  readonly lastError: string | null;
}

/** Options of `deadLetters`. */
export interface DeadLetterOptions {
  /** Topic of the dead letters. Default: every topic. */
  readonly topic?: string | undefined;
  /** Most dead letters that are returned, the oldest first: 1 to 10 000. Default 100. */
  readonly limit?: number | undefined;
}

/**
 * A queue of operations to run later. Every implementation guarantees:
 *
 * - Durability: a message is as durable as the store once `enqueue` has resolved. It is kept until its operation has
 *   succeeded, or `discard` deletes it.
 * - At least once: if the process dies that runs an operation, a consumer of any process runs it again.
 * - Topics: a consumer runs the messages of its topic only, and a key is unique within its topic.
 *
 * Times are milliseconds. Every method rejects after `close`, and with a `TypeError` or `RangeError` for invalid arguments.
 * Only `consume` throws.
 */
export interface Queue<Payload = unknown> {
  /** Adds a message to its topic, unless one with its key is there. */
  enqueue(message: QueueMessage<Payload>, options?: EnqueueOptions): Promise<QueueReceipt>;
  /**
   * Starts a consumer, which runs `handler` for each message of a topic until it is closed. It also runs the messages of
   * earlier and of other processes.
   *
   * @throws {OptionsError} with all problems of the options.
   */
  consume(options: ConsumeOptions, handler: (payload: Payload, context: OperationContext) => unknown): Consumer;
  /** Returns the oldest dead letters. */
  deadLetters(options?: DeadLetterOptions): Promise<DeadLetter<Payload>[]>;
  /** Returns a dead letter to the queue, with its attempts reset. */
  revive(id: string): Promise<boolean>;
  /** Deletes a dead letter. */
  discard(id: string): Promise<boolean>;
  /** Counts the messages of a topic. Default: of all topics. */
  size(topic?: string): Promise<QueueSize>;
  /** Closes the consumers, and then the resources that the queue itself has opened. It resolves although the store is away. */
  close(options?: CloseOptions): Promise<void>;
}
