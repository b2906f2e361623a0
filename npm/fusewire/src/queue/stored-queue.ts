import { timersEndWithRequests } from '#platform';
import { readOptions } from '../options/options-reader.ts';
import { QueueConsumer } from './consumer.ts';
import type { Handler } from './consumer.ts';
import { DEFAULT_TOPIC, LONGEST_DURATION, readConsumerOptions } from './consumer-options.ts';
import type { CloseOptions, ConsumeOptions, OperationContext } from './consumer-options.ts';
import { LeaseWorker } from './lease-worker.ts';
import type { NewMessage, QueueSize, QueueStore } from './queue-store.ts';
import type { DeadLetter, DeadLetterOptions, EnqueueOptions, Queue, QueueMessage, QueueReceipt } from './queue.ts';
import { checkKey, checkTimeout, checkTopic, fromJson, toJson } from './queue-text.ts';
import { within } from './timers.ts';

/**
 * Creates a queue over a store. The queue validates arguments, converts payloads to JSON and back, and starts consumers. A
 * consumer claims leases of the store, or drives the store's own worker.
 */
export function queueOver<Payload = unknown>(store: QueueStore): Queue<Payload> {
  return new StoredQueue<Payload>(store);
}

const MAX_LETTERS = 10_000;
const DEFAULT_PRIORITY = 2;
/** Milliseconds that `close` waits for the store to close. */
const STORE_CLOSE = 2_000;

class StoredQueue<Payload> implements Queue<Payload> {
  readonly #store: QueueStore;
  readonly #consumers = new Set<QueueConsumer>();
  #closing: Promise<void> | undefined;

  constructor(store: QueueStore) {
    this.#store = store;
  }

  async enqueue(message: QueueMessage<Payload>, options: EnqueueOptions = {}): Promise<QueueReceipt> {
    const transaction = requireObject(options, 'options').in;
    const added = readMessage(message);
    const { id, status } = await this.#open().insert(added, transaction);
    const { key, topic, delay } = added;
    if (transaction === undefined && (status === 'new' || status === 'revived')) this.#wake(topic, delay);
    return { id, key, topic, status };
  }

  consume(options: ConsumeOptions, handler: (payload: Payload, context: OperationContext) => unknown): QueueConsumer {
    const reader = readOptions('Queue', 'consumer', options);
    const settings = readConsumerOptions(reader);
    if (typeof handler !== 'function') reader.report('handler', 'type', 'a function');
    reader.finish();
    const store = this.#open();
    const consumer: QueueConsumer = new QueueConsumer(settings, handler as Handler, (hooks) =>
      'work' in store ? store.work(settings, hooks) : new LeaseWorker(store, settings, hooks),
    );
    this.#consumers.add(consumer);
    consumer.onClosed(() => this.#consumers.delete(consumer));
    // Where timers belong to requests, there is no request yet: the first message wakes the consumer.
    if (!timersEndWithRequests) queueMicrotask(() => consumer.wake(0));
    return consumer;
  }

  async deadLetters(options: DeadLetterOptions = {}): Promise<DeadLetter<Payload>[]> {
    const { topic, limit = 100 } = requireObject(options, 'options');
    if (topic !== undefined) checkTopic(topic);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LETTERS) {
      throw new RangeError(`Queue: limit must be a whole number from 1 to ${MAX_LETTERS}`);
    }
    const messages = await this.#open().dead(topic, limit);
    return messages.map(({ id, topic: of, key, payload, attempts, lastError }) => {
      return { id, topic: of, key, payload: fromJson(payload)?.value as Payload, attempts, lastError };
    });
  }

  async revive(id: string): Promise<boolean> {
    const isRevived = await this.#open().revive(String(id));
    if (isRevived) this.#wake(undefined, 0);
    return isRevived;
  }

  async discard(id: string): Promise<boolean> {
    return this.#open().discard(String(id));
  }

  async size(topic?: string): Promise<QueueSize> {
    if (topic !== undefined) checkTopic(topic);
    return this.#open().size(topic);
  }

  async close(options: CloseOptions = {}): Promise<void> {
    const timeout = checkTimeout(options);
    return (this.#closing ??= this.#close(timeout));
  }

  async #close(timeout: number): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close({ timeout })));
    await within(this.#store.close(), STORE_CLOSE);
  }

  /** Lets the consumers of a topic, or all of them, look for messages. */
  #wake(topic: string | undefined, after: number): void {
    for (const consumer of this.#consumers) if (topic === undefined || consumer.topic === topic) consumer.wake(after);
  }

  #open(): QueueStore {
    if (this.#closing !== undefined) throw new Error('Queue: it is closed');
    return this.#store;
  }
}

function readMessage(message: QueueMessage): NewMessage {
  const {
    key,
    payload,
    topic = DEFAULT_TOPIC,
    delay = 0,
    priority = DEFAULT_PRIORITY,
    ifDead = 'revive',
  } = requireObject(message, 'message');
  checkKey(key);
  checkTopic(topic);
  if (typeof delay !== 'number') throw new TypeError('Queue: delay must be a number of milliseconds');
  if (!(delay >= 0 && delay <= LONGEST_DURATION)) {
    throw new RangeError(`Queue: delay must be a number of milliseconds from 0 to ${LONGEST_DURATION}`);
  }
  if (![0, 1, 2, 3, 4].includes(priority)) throw new RangeError('Queue: priority must be a whole number from 0 to 4');
  if (ifDead !== 'revive' && ifDead !== 'keep') throw new RangeError("Queue: ifDead must be 'revive' or 'keep'");
  return { topic, key, payload: toJson(payload), delay, priority, revives: ifDead === 'revive' };
}

function requireObject<T>(value: T, argument: string): T {
  if (typeof value === 'object' && value !== null) return value;
  throw new TypeError(`Queue: the ${argument} must be an object`);
}
