import type { CloseOptions, ConsumeOptions, Consumer, OperationContext } from './consumer-options.ts';
import type { QueueHealth } from './queue-health.ts';
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
  /**
   * Group of the message, 1 to 512 characters of text: the entity that it concerns, such as an account. The messages of a
   * group and topic run one after another, in the order in which they were enqueued, whatever their priorities. One that
   * failed or is delayed holds back those behind it, until it is done or a dead letter. Default: no group.
   */
  readonly group?: string | undefined;
}

/** Options of `enqueue` and `enqueueAll`. */
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
  /** Group of the message; null if it has none. */
  readonly group: string | null;
  /** Payload; undefined if the stored text is not JSON. */
  readonly payload: Payload;
  readonly attempts: number;
  /** Error of the last attempt. */
  readonly lastError: string | null;
  /** Milliseconds since the message was enqueued. */
  readonly age: number;
  /** Milliseconds since it became a dead letter. */
  readonly deadFor: number;
}

/** Conditions for dead letters. One that meets all of them is selected. */
export interface DeadLetterFilter {
  /** Topic of the dead letters. */
  readonly topic?: string | undefined;
  /** Ids of the dead letters: at most 10 000. */
  readonly ids?: readonly string[] | undefined;
  /** Text that the last error contains, 1 to 1 000 characters. Upper and lower case differ. */
  readonly error?: string | undefined;
  /** Milliseconds since the message became a dead letter, at least: 0 to 31 536 000 000. */
  readonly olderThan?: number | undefined;
}

/** Selection of dead letters to revive or to delete. At least one condition is required, or `all`. */
export interface DeadLetterSelection extends DeadLetterFilter {
  /** Whether every dead letter of the queue is selected, if there is no condition. */
  readonly all?: true | undefined;
}

/** Options of `deadLetters`. Default: those of every topic. */
export interface DeadLetterOptions extends DeadLetterFilter {
  /** Most dead letters of the page: 1 to 10 000. Default 100. */
  readonly limit?: number | undefined;
  /** Value `next` of the page before. Default: the first page. */
  readonly after?: string | undefined;
  /** Whether the latest dead letters come first. All pages must have the same order. Default false: the oldest first. */
  readonly newestFirst?: boolean | undefined;
}

/** Page of dead letters. */
export interface DeadLetterPage<Payload = unknown> {
  readonly letters: readonly DeadLetter<Payload>[];
  /** Value of the option `after` for the next page; null if this is the last one. */
  readonly next: string | null;
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
  /**
   * Adds a message to its topic, unless one with its key is there.
   *
   * @throws {QueueFullError} if the queue has `maxSize` messages. It rejects with it, like every method.
   */
  enqueue(message: QueueMessage<Payload>, options?: EnqueueOptions): Promise<QueueReceipt>;
  /**
   * Adds up to 10 000 messages at once, and resolves with their receipts in the same order. If one of them is invalid or the
   * queue becomes full, none is added. Of two messages with one key and topic, the first counts.
   */
  enqueueAll(messages: readonly QueueMessage<Payload>[], options?: EnqueueOptions): Promise<QueueReceipt[]>;
  /**
   * Starts a consumer, which runs `handler` for each message of a topic until it is closed. It also runs the messages of
   * earlier and of other processes.
   *
   * @throws {OptionsError} with all problems of the options.
   */
  consume(options: ConsumeOptions, handler: (payload: Payload, context: OperationContext) => unknown): Consumer;
  /** Returns a page of dead letters, in the order in which they died. */
  deadLetters(options?: DeadLetterOptions): Promise<DeadLetterPage<Payload>>;
  /** Returns a dead letter to the queue, with its attempts reset, to the end of its group. */
  revive(id: string): Promise<boolean>;
  /** Returns all selected dead letters to the queue, and resolves with their number. */
  reviveAll(selection: DeadLetterSelection): Promise<number>;
  /** Deletes a dead letter. */
  discard(id: string): Promise<boolean>;
  /** Deletes all selected dead letters, and resolves with their number. */
  discardAll(selection: DeadLetterSelection): Promise<number>;
  /** Counts the messages of a topic. Default: of all topics. */
  size(topic?: string): Promise<QueueSize>;
  /** Returns the state of the queue for a health check, within 5 s. It resolves although the store is away. */
  health(): Promise<QueueHealth>;
  /** Closes the consumers, and then the resources that the queue itself has opened. It resolves although the store is away. */
  close(options?: CloseOptions): Promise<void>;
}
