import { defaultClock } from '../time/clock.ts';
import { readOptions } from '../options/options-reader.ts';
import { MessageGroups } from './message-groups.ts';
import { readQueueLimits } from './queue-options.ts';
import type { QueueOptions } from './queue-options.ts';
import type { Queue } from './queue.ts';
import type {
  InsertedMessage,
  InsertOptions,
  LeaseStore,
  LetterFilter,
  LetterPage,
  LetterRange,
  NewMessage,
  PutBack,
  QueueReceiptStatus,
  QueueSize,
  StoreCheck,
  StoredMessage,
} from './queue-store.ts';
import { queueOver } from './stored-queue.ts';

/** Options of {@link memoryQueue}. */
export interface MemoryQueueOptions extends QueueOptions {
  /** Most messages in the queue, including dead letters: 1 to 1 000 000 000. Default 10 000. */
  readonly maxSize?: number | undefined;
}

const DEFAULT_SIZE = 10_000;
const HIGHEST_PRIORITY = 4;

/**
 * Creates a queue in memory, which is lost with the process. Use it in tests, and for messages that may be lost. Its times are
 * those of a clock that never jumps.
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function memoryQueue<Payload = unknown>(options: MemoryQueueOptions = {}): Queue<Payload> {
  const reader = readOptions('Queue', 'memory', options);
  const limits = readQueueLimits(reader);
  reader.finish();
  return queueOver<Payload>(new MemoryQueueStore(), {
    ...limits,
    maxSize: limits.maxSize === Infinity ? DEFAULT_SIZE : limits.maxSize,
  });
}

interface Message {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  priority: number;
  payload: string;
  group: string | null;
  attempts: number;
  abandoned: number;
  lastError: string | null;
  enqueuedAt: number;
  /** Time from which the message can be claimed, in milliseconds: the end of its lease or of its delay. */
  availableAt: number;
  token: string | undefined;
  /** Number and time of the burial; undefined if the message is no dead letter. */
  dead: { readonly number: number; readonly at: number } | undefined;
}

/** Messages of a topic that are no dead letters, by priority and in the order of arrival. */
type Line = Map<string, Message>;

/** Store of the messages of a queue in memory. */
export class MemoryQueueStore implements LeaseStore {
  readonly hasGroups = true;
  readonly #clock: () => number;
  /** Messages in the order of arrival. */
  readonly #messages = new Map<string, Message>();
  /** Dead letters in the order in which they died. */
  readonly #dead = new Map<string, Message>();
  readonly #ids = new Map<string, Map<string, string>>();
  readonly #lines = new Map<string, Line[]>();
  readonly #groups = new MessageGroups();
  #lastId = 0;
  #lastBurial = 0;

  /** @param clock returns milliseconds, and never jumps. */
  constructor(clock: () => number = defaultClock) {
    this.#clock = clock;
  }

  async insert(messages: readonly NewMessage[], { room, transaction }: InsertOptions) {
    if (transaction !== undefined) throw new TypeError('Queue: a queue in memory is part of no transaction');
    const added = messages.filter((message) => this.#find(message) === undefined);
    return added.length > room ? null : messages.map((message) => this.#insert(message));
  }

  async claim(topic: string, count: number, token: string, leaseTime: number): Promise<StoredMessage[]> {
    const now = this.#clock();
    const claimed: StoredMessage[] = [];
    const lines = this.#lines.get(topic) ?? [];
    for (let priority = HIGHEST_PRIORITY; priority >= 0; priority--) {
      for (const message of lines[priority]?.values() ?? []) {
        if (claimed.length === count) return claimed;
        if (message.availableAt > now || !this.#groups.isFirst(message)) continue;
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
    return this.#change(id, token, (message) => (message.availableAt = this.#clock() + leaseTime));
  }

  async complete(id: string, token: string): Promise<boolean> {
    return this.#change(id, token, (message) => this.#remove(message));
  }

  async putBack(id: string, token: string, { after, error }: PutBack): Promise<boolean> {
    return this.#change(id, token, (message) => {
      message.token = undefined;
      message.availableAt = after === 0 ? -Infinity : this.#clock() + after;
      if (error === null) message.attempts--;
      else message.lastError = error;
    });
  }

  async bury(id: string, token: string, error: string | null): Promise<boolean> {
    return this.#change(id, token, (message) => {
      const dead = { number: ++this.#lastBurial, at: this.#clock() };
      Object.assign(message, { token: undefined, dead, lastError: error });
      this.#lineOf(message).delete(message.id);
      this.#groups.remove(message);
      this.#dead.set(message.id, message);
    });
  }

  async dead(filter: LetterFilter, { limit, after, newestFirst }: LetterRange): Promise<LetterPage> {
    const now = this.#clock();
    const numberOf = ({ dead }: Message) => dead?.number ?? 0;
    const isAfter = (message: Message) =>
      after === undefined || (newestFirst ? numberOf(message) < after.at : numberOf(message) > after.at);
    const found = this.#selected(filter).filter(isAfter);
    const page = newestFirst ? found.slice(-limit).reverse() : found.slice(0, limit);
    const last = page.at(-1);
    return {
      letters: page.map((message) => ({ ...toStored(message, now), deadFor: now - (message.dead?.at ?? now) })),
      next: last !== undefined && found.length > limit ? { at: numberOf(last), id: last.id } : null,
    };
  }

  async revive(filter: LetterFilter, limit: number): Promise<number> {
    const chosen = this.#selected(filter).slice(0, limit);
    for (const message of chosen) this.#revive(message, 0);
    return chosen.length;
  }

  async discard(filter: LetterFilter, limit: number): Promise<number> {
    const chosen = this.#selected(filter).slice(0, limit);
    for (const message of chosen) this.#remove(message);
    return chosen.length;
  }

  async check(): Promise<StoreCheck> {
    return { durability: 'nothing', problems: [], unknown: [] };
  }

  async size(topic: string | undefined): Promise<QueueSize> {
    const now = this.#clock();
    const size = { waiting: 0, running: 0, dead: 0 };
    let oldest = Infinity;
    for (const message of this.#messages.values()) {
      if (topic !== undefined && message.topic !== topic) continue;
      size[message.dead === undefined ? statusOf(message, now) : 'dead']++;
      if (message.dead === undefined) oldest = Math.min(oldest, message.enqueuedAt);
    }
    return { ...size, oldestAge: oldest === Infinity ? null : now - oldest };
  }

  async close(): Promise<void> {
    for (const map of [this.#messages, this.#dead, this.#ids, this.#lines]) map.clear();
    this.#groups.clear();
  }

  #find({ topic, key }: NewMessage): Message | undefined {
    return this.#messages.get(this.#ids.get(topic)?.get(key) ?? '');
  }

  #insert(added: NewMessage): InsertedMessage {
    const { topic, key, payload, delay, priority, revives, group } = added;
    const now = this.#clock();
    const existing = this.#find(added);
    if (existing !== undefined) {
      const { id } = existing;
      if (existing.dead === undefined) return { id, status: statusOf(existing, now) };
      if (!revives) return { id, status: 'dead' };
      Object.assign(existing, { payload, priority, group, lastError: null });
      this.#revive(existing, delay);
      return { id, status: 'revived' };
    }
    const id = String(++this.#lastId);
    const state = { attempts: 0, abandoned: 0, lastError: null, token: undefined, dead: undefined };
    const availableAt = delay === 0 ? -Infinity : now + delay;
    const message = { id, topic, key, payload, priority, group, ...state, enqueuedAt: now, availableAt };
    this.#messages.set(id, message);
    this.#idsOf(topic).set(key, id);
    this.#addToLine(message);
    return { id, status: 'new' };
  }

  #addToLine(message: Message): void {
    this.#lineOf(message).set(message.id, message);
    this.#groups.add(message);
  }

  /** Returns the dead letters that meet the conditions, the oldest first. */
  #selected({ topic, ids, error, olderThan = 0 }: LetterFilter): Message[] {
    const latest = this.#clock() - olderThan;
    const chosen = ids === undefined ? undefined : new Set(ids);
    return [...this.#dead.values()].filter(
      ({ id, topic: of, lastError, dead }) =>
        (topic ?? of) === of &&
        chosen?.has(id) !== false &&
        (error === undefined || lastError?.includes(error) === true) &&
        (dead?.at ?? 0) <= latest,
    );
  }

  #revive(message: Message, delay: number): void {
    const now = this.#clock();
    const availableAt = delay === 0 ? -Infinity : now + delay;
    Object.assign(message, { dead: undefined, attempts: 0, abandoned: 0, enqueuedAt: now, availableAt });
    this.#dead.delete(message.id);
    this.#addToLine(message);
  }

  #remove(message: Message): void {
    const { id, topic, key } = message;
    this.#messages.delete(id);
    this.#dead.delete(id);
    this.#idsOf(topic).delete(key);
    this.#lineOf(message).delete(id);
    this.#groups.remove(message);
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
}

function statusOf({ token, availableAt }: Message, now: number): QueueReceiptStatus & ('running' | 'waiting') {
  return token !== undefined && availableAt > now ? 'running' : 'waiting';
}

function toStored(message: Message, now: number): StoredMessage {
  const { id, topic, key, group, payload, attempts, abandoned, lastError, enqueuedAt } = message;
  return { id, topic, key, group, payload, attempts, abandoned, lastError, age: now - enqueuedAt };
}
