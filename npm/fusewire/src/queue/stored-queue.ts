import { timersEndWithRequests } from '#platform';
import { reportFault } from '../logging.ts';
import { readOptions } from '../options/options-reader.ts';
import { defaultClock } from '../time/clock.ts';
import { QueueConsumer } from './consumer.ts';
import type { Handler } from './consumer.ts';
import { readConsumerOptions } from './consumer-options.ts';
import type { CloseOptions, ConsumeOptions, OperationContext } from './consumer-options.ts';
import { changeAll, readPageOptions, readSelection, toPage } from './dead-letters.ts';
import { LeaseWorker } from './lease-worker.ts';
import { distinct, readMessage, readMessages } from './new-messages.ts';
import { codeOf, healthOf, UNCHECKED } from './queue-health.ts';
import type { QueueFault, QueueHealth } from './queue-health.ts';
import { QueueFullError } from './queue-full-error.ts';
import { DEFAULT_LIMITS } from './queue-options.ts';
import type { QueueLimits } from './queue-options.ts';
import { QueueRoom } from './queue-room.ts';
import type { InsertedMessage, LetterFilter, NewMessage, QueueSize, QueueStore, StoreCheck } from './queue-store.ts';
import type {
  DeadLetterOptions,
  DeadLetterPage,
  DeadLetterSelection,
  EnqueueOptions,
  Queue,
  QueueMessage,
  QueueReceipt,
} from './queue.ts';
import { checkTimeout, checkTopic, requireObject } from './queue-text.ts';
import { Retention } from './retention.ts';
import { within } from './timers.ts';

/**
 * Creates a queue over a store. The queue validates arguments, converts payloads to JSON and back, and starts consumers. A
 * consumer claims leases of the store, or drives the store's own worker.
 */
export function queueOver<Payload = unknown>(store: QueueStore, limits: QueueLimits = DEFAULT_LIMITS): Queue<Payload> {
  return new StoredQueue<Payload>(store, limits);
}

/** Milliseconds that `close` waits for the store to close. */
const STORE_CLOSE = 2_000;
/** Milliseconds that `health` waits for the store. */
const HEALTH_TIMEOUT = 5_000;

class StoredQueue<Payload> implements Queue<Payload> {
  readonly #store: QueueStore;
  readonly #limits: QueueLimits;
  readonly #room: QueueRoom;
  readonly #consumers = new Set<QueueConsumer>();
  /** Last error of `enqueue`, or of a consumer that is closed. */
  #lastFault: { readonly error: unknown; readonly action: QueueFault['action']; readonly at: number } | undefined;
  #hasChecked = false;
  #closing: Promise<void> | undefined;

  constructor(store: QueueStore, limits: QueueLimits) {
    this.#store = store;
    this.#limits = limits;
    this.#room = new QueueRoom(store, limits.maxSize);
  }

  async enqueue(message: QueueMessage<Payload>, options: EnqueueOptions = {}): Promise<QueueReceipt> {
    const transaction = requireObject(options, 'options').in;
    const [receipt] = await this.#insert([readMessage(message, this.#limits.maxPayload)], transaction);
    return receipt as QueueReceipt;
  }

  async enqueueAll(messages: readonly QueueMessage<Payload>[], options: EnqueueOptions = {}): Promise<QueueReceipt[]> {
    const transaction = requireObject(options, 'options').in;
    return this.#insert(readMessages(messages, this.#limits.maxPayload), transaction);
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
    consumer.onClosed(() => {
      this.#consumers.delete(consumer);
      this.#lastFault = this.#latestFault(consumer);
    });
    // Where timers belong to requests, there is no request yet: the first message wakes the consumer.
    if (timersEndWithRequests) return consumer;
    if (this.#limits.maxDeadAge !== Infinity) {
      const retention = new Retention(store, settings.topic, this.#limits.maxDeadAge, consumer);
      consumer.onClosed(() => retention.end());
    }
    queueMicrotask(() => consumer.wake(0));
    this.#checkOnce();
    return consumer;
  }

  async deadLetters(options: DeadLetterOptions = {}): Promise<DeadLetterPage<Payload>> {
    const { filter, range } = readPageOptions(options);
    return toPage<Payload>(await this.#open().dead(filter, range));
  }

  async revive(id: string): Promise<boolean> {
    return (await this.#revive({ ids: [String(id)] }, 1)) > 0;
  }

  async reviveAll(selection: DeadLetterSelection): Promise<number> {
    const filter = readSelection(selection);
    return changeAll((limit) => this.#revive(filter, limit), await this.#deadIn(filter));
  }

  async discard(id: string): Promise<boolean> {
    return (await this.#open().discard({ ids: [String(id)] }, 1)) > 0;
  }

  async discardAll(selection: DeadLetterSelection): Promise<number> {
    const filter = readSelection(selection);
    return changeAll((limit) => this.#open().discard(filter, limit), await this.#deadIn(filter));
  }

  async size(topic?: string): Promise<QueueSize> {
    if (topic !== undefined) checkTopic(topic);
    return this.#open().size(topic);
  }

  async health(): Promise<QueueHealth> {
    const store = this.#open();
    const [size, check] = await Promise.allSettled([
      within(store.size(undefined), HEALTH_TIMEOUT),
      within(checkOf(store), HEALTH_TIMEOUT),
    ]);
    const consumers = [...this.#consumers];
    const fault = consumers.reduce((latest, consumer) => this.#latestFault(consumer, latest), this.#lastFault);
    return healthOf({
      size: size.status === 'fulfilled' ? size.value : undefined,
      check: check.status === 'fulfilled' ? check.value : undefined,
      consumers: consumers.map((consumer) => consumer.getStats()),
      outages: consumers.filter(({ isOutage }) => isOutage).map(({ topic }) => topic),
      lastFault: fault
        ? { action: fault.action, code: codeOf(fault.error), age: Math.max(0, defaultClock() - fault.at) }
        : null,
    });
  }

  async close(options: CloseOptions = {}): Promise<void> {
    const timeout = checkTimeout(options);
    return (this.#closing ??= this.#close(timeout));
  }

  async #close(timeout: number): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close({ timeout })));
    await within(this.#store.close(), STORE_CLOSE);
  }

  /** Adds messages, and returns their receipts. */
  async #insert(messages: readonly NewMessage[], transaction: unknown): Promise<QueueReceipt[]> {
    const store = this.#open();
    if (store.hasGroups !== true && messages.some(({ group }) => group !== null)) {
      throw new TypeError('Queue: this queue has no groups; enqueue the message without the option group');
    }
    if (messages.length === 0) return [];
    const { first, indexes } = distinct(messages);
    let room = 0;
    let inserted: readonly InsertedMessage[] | null = null;
    try {
      // In a transaction of the program, the store adds the messages at once, before its next step.
      if (transaction === undefined) room = await this.#room.reserve(first.length);
      inserted = await store.insert(first, { room: transaction === undefined ? room : Infinity, transaction });
    } catch (error) {
      if (!isMisuse(error)) this.#lastFault = { error, action: 'enqueue', at: defaultClock() };
      throw error;
    } finally {
      this.#room.release(room, (inserted ?? []).filter(({ status }) => status === 'new').length);
    }
    if (inserted === null) throw new QueueFullError(this.#room.count, this.#room.maxSize, first.length);
    if (transaction === undefined) this.#wakeFor(first, inserted);
    return receiptsOf(messages, inserted, indexes);
  }

  async #revive(filter: LetterFilter, limit: number): Promise<number> {
    const revived = await this.#open().revive(filter, limit);
    if (revived > 0) for (const consumer of this.#consumers) consumer.wake(0);
    return revived;
  }

  async #deadIn({ topic }: LetterFilter): Promise<number> {
    return (await this.#open().size(topic)).dead;
  }

  /** Lets the consumers of added messages look for them. */
  #wakeFor(messages: readonly NewMessage[], inserted: readonly InsertedMessage[]): void {
    const delays = new Map<string, number>();
    for (const [index, { topic, delay }] of messages.entries()) {
      const status = inserted[index]?.status;
      if (status !== 'new' && status !== 'revived') continue;
      delays.set(topic, Math.min(delay, delays.get(topic) ?? Infinity));
    }
    for (const consumer of this.#consumers) {
      const delay = delays.get(consumer.topic);
      if (delay !== undefined) consumer.wake(delay);
    }
  }

  /** Warns of settings of the store that endanger messages, with the first consumer. */
  #checkOnce(): void {
    if (this.#hasChecked) return;
    this.#hasChecked = true;
    checkOf(this.#store).then(
      ({ problems }) => {
        for (const problem of problems) reportFault(undefined, 'Queue', problem);
      },
      () => undefined,
    );
  }

  #latestFault({ lastFault }: QueueConsumer, other = this.#lastFault) {
    return lastFault !== undefined && lastFault.at >= (other?.at ?? -Infinity) ? lastFault : other;
  }

  #open(): QueueStore {
    if (this.#closing !== undefined) throw new Error('Queue: it is closed');
    return this.#store;
  }
}

/** Whether an error is one of this package, of an argument of the program. */
function isMisuse(error: unknown): boolean {
  return error instanceof TypeError && error.message.startsWith('Queue: ');
}

async function checkOf(store: QueueStore): Promise<StoreCheck> {
  return store.check === undefined ? UNCHECKED : store.check();
}

/** Returns a receipt for each message. One that repeats a new message finds it waiting. */
function receiptsOf(
  messages: readonly NewMessage[],
  inserted: readonly InsertedMessage[],
  indexes: readonly number[],
): QueueReceipt[] {
  const seen = new Set<number>();
  return messages.map(({ key, topic }, index) => {
    const at = indexes[index] as number;
    const { id, status } = inserted[at] as InsertedMessage;
    const isRepeated = seen.has(at) && (status === 'new' || status === 'revived');
    seen.add(at);
    return { id, key, topic, status: isRepeated ? 'waiting' : status };
  });
}
