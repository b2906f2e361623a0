import { defaultClock } from '../../../time/clock.ts';
import { readOptions } from '../../../options/options-reader.ts';
import { queueOver } from './queue.ts';
import type { PutBack, Queue, QueueSize, QueueStore, StoredMessage } from './queue.ts';

/** How much a queue in memory holds. */
export interface MemoryQueueOptions {
  /** At most so many messages, dead letters among them: 1 to 10 000 000. Default 10 000. */
  readonly maxSize?: number | undefined;
}

const LARGEST = 10_000_000;
const DEFAULT_SIZE = 10_000;

/**
 * A queue in memory, which ends with the process: for tests, and for what may be lost. `enqueue` rejects when it is full.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function memoryQueue<Payload = unknown>(options: MemoryQueueOptions = {}): Queue<Payload> {
  const reader = readOptions('Queue', 'memory', options);
  const maxSize = reader.number('maxSize', 1, LARGEST, `a whole number from 1 to ${LARGEST}`, true);
  reader.finish();
  return queueOver<Payload>(new MemoryStore(maxSize ?? DEFAULT_SIZE));
}

interface Message {
  readonly id: string;
  readonly key: string;
  readonly payload: string;
  attempts: number;
  lastError: string | null;
  /** When it may be given out: at once, when its lease is over, or when it is to be tried again. */
  available: number;
  token: string | undefined;
  dead: boolean;
}

class MemoryStore implements QueueStore {
  readonly #maxSize: number;
  /** In the order in which they came. */
  readonly #messages = new Map<string, Message>();
  readonly #idsByKey = new Map<string, string>();
  #last = 0;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  async insert(key: string, payload: string) {
    const known = this.#idsByKey.get(key);
    if (known !== undefined) return { id: known, duplicate: true };
    if (this.#messages.size >= this.#maxSize) throw new Error(`Queue: it is full, with ${this.#maxSize} messages`);
    const id = String(++this.#last);
    const message = {
      id,
      key,
      payload,
      attempts: 0,
      lastError: null,
      available: -Infinity,
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
      if (message.dead || message.available > now) continue;
      message.token = token;
      message.available = now + visibility;
      message.attempts++;
      return { ...message };
    }
    return undefined;
  }

  async extend(id: string, token: string, visibility: number): Promise<boolean> {
    return this.#change(id, token, (message) => (message.available = defaultClock() + visibility));
  }

  async complete(id: string, token: string): Promise<boolean> {
    return this.#change(id, token, (message) => this.#remove(message));
  }

  async putBack(id: string, token: string, { after, error }: PutBack): Promise<boolean> {
    return this.#change(id, token, (message) => {
      message.token = undefined;
      message.available = after === 0 ? -Infinity : defaultClock() + after;
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
    const letters: StoredMessage[] = [];
    for (const { id, key, payload, attempts, lastError, dead } of this.#messages.values()) {
      if (letters.length === limit) break;
      if (dead) letters.push({ id, key, payload, attempts, lastError });
    }
    return letters;
  }

  async revive(id: string): Promise<boolean> {
    return this.#changeDead(id, (message) => {
      message.dead = false;
      message.attempts = 0;
      message.available = -Infinity;
    });
  }

  async discard(id: string): Promise<boolean> {
    return this.#changeDead(id, (message) => this.#remove(message));
  }

  async size(): Promise<QueueSize> {
    const now = defaultClock();
    const size = { waiting: 0, leased: 0, dead: 0 };
    for (const { dead, token, available } of this.#messages.values()) {
      size[dead ? 'dead' : token !== undefined && available > now ? 'leased' : 'waiting']++;
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

  /** Changes a message that is under this lease. */
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
