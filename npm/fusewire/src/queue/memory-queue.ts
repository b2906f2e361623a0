import { defaultClock } from '../time/clock.ts';
import { readOptions } from '../options/options-reader.ts';
import type { Queue } from './queue.ts';
import type { NewMessage, PutBack, QueueReceiptStatus, QueueSize, QueueStore, StoredMessage } from './queue-store.ts';
import { queueOver } from './stored-queue.ts';

/** Options of {@link memoryQueue}. */
export interface MemoryQueueOptions {
  /** Most messages in the queue, including dead letters: 1 to 10 000 000. Default 10 000. */
  readonly maxSize?: number | undefined;
}

const MAX_SIZE = 10_000_000;
const DEFAULT_SIZE = 10_000;
const HIGHEST_PRIORITY = 4;

/**
 * Creates a queue in memory, which is lost with the process. Use it in tests, and for messages that may be lost.
 * `enqueue` rejects when the queue is full.
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function memoryQueue<Payload = unknown>(options: MemoryQueueOptions = {}): Queue<Payload> {
  const reader = readOptions('Queue', 'memory', options);
  const maxSize = reader.number('maxSize', 1, MAX_SIZE, `a whole number from 1 to ${MAX_SIZE}`, true);
  reader.finish();
  return queueOver<Payload>(new MemoryQueueStore(maxSize ?? DEFAULT_SIZE));
}

interface Message {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  priority: number;
  payload: string;
  attempts: number;
  abandoned: number;
  lastError: string | null;
  enqueuedAt: number;
  /** Time from which the message can be claimed, in milliseconds: the end of its lease or of its delay. */
  availableAt: number;
  token: string | undefined;
  dead: boolean;
}

/** Messages of a topic that are no dead letters, by priority and in the order of arrival. */
type Line = Map<string, Message>;

/** Store of the messages of a queue in memory. */
export class MemoryQueueStore implements QueueStore {
  readonly #maxSize: number;
  /** Messages in the order of arrival. */
  readonly #messages = new Map<string, Message>();
  readonly #ids = new Map<string, Map<string, string>>();
  readonly #lines = new Map<string, Line[]>();
  #lastId = 0;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  async insert({ topic, key, payload, delay, priority, revives }: NewMessage, transaction: unknown) {
    if (transaction !== undefined) throw new TypeError('Queue: a queue in memory is part of no transaction');
    const now = defaultClock();
    const availableAt = delay === 0 ? -Infinity : now + delay;
    const existing = this.#messages.get(this.#ids.get(topic)?.get(key) ?? '');
    if (existing !== undefined) {
      if (!existing.dead) return { id: existing.id, status: statusOf(existing, now) };
      if (!revives) return { id: existing.id, status: 'dead' as const };
      Object.assign(existing, { payload, priority, lastError: null });
      this.#revive(existing, now, availableAt);
      return { id: existing.id, status: 'revived' as const };
    }
    if (this.#messages.size >= this.#maxSize) throw new Error(`Queue: it is full, with ${this.#maxSize} messages`);
    const id = String(++this.#lastId);
    const counts = { attempts: 0, abandoned: 0, lastError: null, token: undefined, dead: false };
    const message = { id, topic, key, payload, priority, ...counts, enqueuedAt: now, availableAt };
    this.#messages.set(id, message);
    this.#idsOf(topic).set(key, id);
    this.#lineOf(message).set(id, message);
    return { id, status: 'new' as const };
  }

  async claim(topic: string, count: number, token: string, leaseTime: number): Promise<StoredMessage[]> {
    const now = defaultClock();
    const claimed: StoredMessage[] = [];
    const lines = this.#lines.get(topic) ?? [];
    for (let priority = HIGHEST_PRIORITY; priority >= 0; priority--) {
      for (const message of lines[priority]?.values() ?? []) {
        if (claimed.length === count) return claimed;
        if (message.availableAt > now) continue;
        if (message.token !== undefined) message.abandoned++;
        message.token = token;
        message.availableAt = now + leaseTime;
        message.attempts++;
        claimed.push(toStored(message, now));
      }
    }
    return claimed;
  }

  async extend(id: string, token: string, leaseTime: number): Promise<boolean> {
    return this.#change(id, token, (message) => (message.availableAt = defaultClock() + leaseTime));
  }

  async complete(id: string, token: string): Promise<boolean> {
    return this.#change(id, token, (message) => this.#remove(message));
  }

  async putBack(id: string, token: string, { after, error }: PutBack): Promise<boolean> {
    return this.#change(id, token, (message) => {
      message.token = undefined;
      message.availableAt = after === 0 ? -Infinity : defaultClock() + after;
      if (error === null) message.attempts--;
      else message.lastError = error;
    });
  }

  async bury(id: string, token: string, error: string | null): Promise<boolean> {
    return this.#change(id, token, (message) => {
      Object.assign(message, { token: undefined, dead: true, lastError: error });
      this.#lineOf(message).delete(id);
    });
  }

  async dead(topic: string | undefined, limit: number): Promise<StoredMessage[]> {
    const now = defaultClock();
    const deadLetters: StoredMessage[] = [];
    for (const message of this.#messages.values()) {
      if (deadLetters.length === limit) break;
      if (message.dead && (topic ?? message.topic) === message.topic) deadLetters.push(toStored(message, now));
    }
    return deadLetters;
  }

  async revive(id: string): Promise<boolean> {
    return this.#changeDead(id, (message) => this.#revive(message, defaultClock(), -Infinity));
  }

  async discard(id: string): Promise<boolean> {
    return this.#changeDead(id, (message) => this.#remove(message));
  }

  async size(topic: string | undefined): Promise<QueueSize> {
    const now = defaultClock();
    const size = { waiting: 0, running: 0, dead: 0 };
    let oldest = Infinity;
    for (const message of this.#messages.values()) {
      if (topic !== undefined && message.topic !== topic) continue;
      size[message.dead ? 'dead' : statusOf(message, now)]++;
      if (!message.dead) oldest = Math.min(oldest, message.enqueuedAt);
    }
    return { ...size, oldestAge: oldest === Infinity ? null : now - oldest };
  }

  async close(): Promise<void> {
    this.#messages.clear();
    this.#ids.clear();
    this.#lines.clear();
  }

  #revive(message: Message, enqueuedAt: number, availableAt: number): void {
    Object.assign(message, { dead: false, attempts: 0, abandoned: 0, enqueuedAt, availableAt });
    this.#lineOf(message).set(message.id, message);
  }

  #remove(message: Message): void {
    const { id, topic, key } = message;
    this.#messages.delete(id);
    this.#idsOf(topic).delete(key);
    this.#lineOf(message).delete(id);
  }

  #idsOf(topic: string): Map<string, string> {
    let ids = this.#ids.get(topic);
    if (ids === undefined) this.#ids.set(topic, (ids = new Map()));
    return ids;
  }

  #lineOf({ topic, priority }: Message): Line {
    let lines = this.#lines.get(topic);
    if (lines === undefined) this.#lines.set(topic, (lines = []));
    return (lines[priority] ??= new Map());
  }

  /** Changes a message if `token` is its current lease. */
  #change(id: string, token: string, change: (message: Message) => unknown): boolean {
    const message = this.#messages.get(id);
    if (message?.token !== token) return false;
    change(message);
    return true;
  }

  #changeDead(id: string, change: (message: Message) => unknown): boolean {
    const message = this.#messages.get(id);
    if (message?.dead !== true) return false;
    change(message);
    return true;
  }
}

function statusOf({ token, availableAt }: Message, now: number): QueueReceiptStatus & ('running' | 'waiting') {
  return token !== undefined && availableAt > now ? 'running' : 'waiting';
}

function toStored(message: Message, now: number): StoredMessage {
  const { id, topic, key, payload, attempts, abandoned, lastError, enqueuedAt } = message;
  return { id, topic, key, payload, attempts, abandoned, lastError, age: now - enqueuedAt };
}
