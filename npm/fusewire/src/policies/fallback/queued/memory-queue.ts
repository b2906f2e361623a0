import { defaultClock } from '../../../time/clock.ts';
import { readOptions } from '../../../options/options-reader.ts';
import { queueOver } from './queue.ts';
import type { PutBack, Queue, QueueSize, QueueStore, StoredMessage } from './queue.ts';

/** Options of {@link memoryQueue}. */
export interface MemoryQueueOptions {
  /** Most messages in the queue, including dead letters: 1 to 10 000 000. Default 10 000. */
  readonly maxSize?: number | undefined;
}

const MAX_SIZE = 10_000_000;
const DEFAULT_SIZE = 10_000;

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
  readonly key: string;
  readonly payload: string;
  attempts: number;
  lastError: string | null;
  /** Time from which the message can be claimed, in milliseconds: the end of its lease or of its retry delay. */
  availableAt: number;
  token: string | undefined;
  dead: boolean;
}

class MemoryQueueStore implements QueueStore {
  readonly #maxSize: number;
  /** Messages in the order of arrival. */
  readonly #messages = new Map<string, Message>();
  readonly #idsByKey = new Map<string, string>();
  #lastId = 0;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  async insert(key: string, payload: string) {
    const existing = this.#idsByKey.get(key);
    if (existing !== undefined) return { id: existing, duplicate: true };
    if (this.#messages.size >= this.#maxSize) throw new Error(`Queue: it is full, with ${this.#maxSize} messages`);
    const id = String(++this.#lastId);
    const message = {
      id,
      key,
      payload,
      attempts: 0,
      lastError: null,
      availableAt: -Infinity,
      token: undefined,
      dead: false,
    };
    this.#messages.set(id, message);
    this.#idsByKey.set(key, id);
    return { id, duplicate: false };
  }

  async claim(token: string, visibility: number): Promise<StoredMessage | undefined> {
    const now = defaultClock();
    for (const message of this.#messages.values()) {
      if (message.dead || message.availableAt > now) continue;
      message.token = token;
      message.availableAt = now + visibility;
      message.attempts++;
      return { ...message };
    }
    return undefined;
  }

  async extend(id: string, token: string, visibility: number): Promise<boolean> {
    return this.#change(id, token, (message) => (message.availableAt = defaultClock() + visibility));
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
      message.token = undefined;
      message.dead = true;
      message.lastError = error;
    });
  }

  async dead(limit: number): Promise<StoredMessage[]> {
    const deadLetters: StoredMessage[] = [];
    for (const { id, key, payload, attempts, lastError, dead } of this.#messages.values()) {
      if (deadLetters.length === limit) break;
      if (dead) deadLetters.push({ id, key, payload, attempts, lastError });
    }
    return deadLetters;
  }

  async revive(id: string): Promise<boolean> {
    return this.#changeDead(id, (message) => {
      message.dead = false;
      message.attempts = 0;
      message.availableAt = -Infinity;
    });
  }

  async discard(id: string): Promise<boolean> {
    return this.#changeDead(id, (message) => this.#remove(message));
  }

  async size(): Promise<QueueSize> {
    const now = defaultClock();
    const size = { waiting: 0, leased: 0, dead: 0 };
    for (const { dead, token, availableAt } of this.#messages.values()) {
      size[dead ? 'dead' : token !== undefined && availableAt > now ? 'leased' : 'waiting']++;
    }
    return size;
  }

  async close(): Promise<void> {
    this.#messages.clear();
    this.#idsByKey.clear();
  }

  #remove({ id, key }: Message): void {
    this.#messages.delete(id);
    this.#idsByKey.delete(key);
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
