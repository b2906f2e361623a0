import type {
  InsertedMessage,
  InsertOptions,
  LetterFilter,
  LetterPage,
  LetterRange,
  NewMessage,
  StoreCheck,
  StoreWorker,
  WorkerHooks,
  WorkerSettings,
  WorkerStore,
} from 'fusewire/kit';
import type { QueueSize } from 'fusewire/queue';
import type { BullmqQueueSettings } from './jobs.ts';
import { compare } from './letters.ts';
import type { DeadJob } from './letters.ts';
import { TopicQueue } from './topic-queue.ts';

/** Topic whose queue in BullMQ has the name that the user has given. */
const DEFAULT_TOPIC = 'default';
/** Hash in Redis with the topics that were used, by their names. */
const TOPICS = 'topics';

/**
 * Store of the messages of a queue as jobs of BullMQ. Each topic has a queue of its own in BullMQ: `default` the one of that
 * name, and others `<name>@<topic>`. The id of a message names its topic.
 */
export class BullmqQueueStore implements WorkerStore {
  readonly #settings: BullmqQueueSettings;
  readonly #queues = new Map<string, TopicQueue>();
  /** Topics that this process has entered in Redis. */
  readonly #entered = new Set<string>([DEFAULT_TOPIC]);

  constructor(settings: BullmqQueueSettings) {
    this.#settings = settings;
  }

  /** Adds messages. Those of one topic are part of one transaction of Redis, up to 500. */
  async insert(
    messages: readonly NewMessage[],
    { room, transaction }: InsertOptions,
  ): Promise<readonly InsertedMessage[] | null> {
    if (transaction !== undefined) throw new TypeError('Queue: a queue in Redis is part of no transaction');
    if (messages.length > room) {
      const known = await Promise.all(messages.map(({ topic, key }) => this.#queueOf(topic).has(key)));
      if (known.filter((isKnown) => !isKnown).length > room) return null;
    }
    const topics = [...new Set(messages.map(({ topic }) => topic))].filter((topic) => !this.#entered.has(topic));
    if (topics.length > 0) {
      await this.#queueOf(DEFAULT_TOPIC).addToHash(TOPICS, Object.fromEntries(topics.map((topic) => [topic, '1'])));
      for (const topic of topics) this.#entered.add(topic);
    }
    return Promise.all(messages.map((message) => this.#queueOf(message.topic).insert(message)));
  }

  work(settings: WorkerSettings, hooks: WorkerHooks): StoreWorker {
    return this.#queueOf(settings.topic).work(settings, hooks);
  }

  async dead(filter: LetterFilter, range: LetterRange): Promise<LetterPage> {
    const found = await this.#select(filter, { ...range, limit: range.limit + 1 });
    const page = found.slice(0, range.limit);
    const last = page.at(-1);
    return {
      letters: page.map(({ dead: { letter } }) => letter),
      next: last !== undefined && found.length > range.limit ? last.dead.position : null,
    };
  }

  revive(filter: LetterFilter, limit: number): Promise<number> {
    return this.#change(filter, limit, (queue, dead) => queue.revive(dead));
  }

  discard(filter: LetterFilter, limit: number): Promise<number> {
    return this.#change(filter, limit, (queue, dead) => queue.discard(dead));
  }

  check(): Promise<StoreCheck> {
    return this.#queueOf(DEFAULT_TOPIC).check();
  }

  async size(topic: string | undefined): Promise<QueueSize> {
    const sizes = await Promise.all((await this.#queuesOf(topic)).map((queue) => queue.size()));
    const sum = (count: 'waiting' | 'running' | 'dead') => sizes.reduce((total, size) => total + size[count], 0);
    const ages = sizes.flatMap(({ oldestAge }) => oldestAge ?? []);
    const oldestAge = ages.length === 0 ? null : Math.max(...ages);
    return { waiting: sum('waiting'), running: sum('running'), dead: sum('dead'), oldestAge };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  #queueOf(topic: string): TopicQueue {
    let queue = this.#queues.get(topic);
    if (queue === undefined) {
      const { name } = this.#settings;
      const ownName = topic === DEFAULT_TOPIC ? name : `${name}@${encodeURIComponent(topic)}`;
      this.#queues.set(topic, (queue = new TopicQueue(topic, { ...this.#settings, name: ownName })));
    }
    return queue;
  }

  /** Returns the queue of a topic, or those of all topics that were ever used. */
  async #queuesOf(topic: string | undefined): Promise<TopicQueue[]> {
    if (topic !== undefined) return [this.#queueOf(topic)];
    const topics = Object.keys(await this.#queueOf(DEFAULT_TOPIC).readHash(TOPICS));
    return [DEFAULT_TOPIC, ...topics].map((each) => this.#queueOf(each));
  }

  /** Returns dead letters in the order in which they died, each with its queue. */
  async #select(filter: LetterFilter, range: LetterRange): Promise<{ queue: TopicQueue; dead: DeadJob }[]> {
    const selections = await this.#selections(filter);
    const found = await Promise.all(
      selections.map(async ({ queue, ids }) =>
        (await queue.select(filter, ids, range)).map((dead) => ({ queue, dead })),
      ),
    );
    const direction = range.newestFirst ? -1 : 1;
    return found
      .flat()
      .toSorted((one, other) => compare(one.dead.position, other.dead.position) * direction)
      .slice(0, range.limit);
  }

  /** Returns the queues that may have dead letters of a filter, with the ids of their jobs if it names some. */
  async #selections({ topic, ids }: LetterFilter): Promise<{ queue: TopicQueue; ids: string[] | undefined }[]> {
    if (ids === undefined) return (await this.#queuesOf(topic)).map((queue) => ({ queue, ids: undefined }));
    const byTopic = new Map<string, string[]>();
    for (const id of ids) {
      const end = id.lastIndexOf('/');
      const of = end > 0 ? decoded(id.slice(0, end)) : undefined;
      if (of === undefined || (topic !== undefined && topic !== of)) continue;
      byTopic.set(of, [...(byTopic.get(of) ?? []), id.slice(end + 1)]);
    }
    return [...byTopic].map(([of, jobIds]) => ({ queue: this.#queueOf(of), ids: jobIds }));
  }

  async #change(
    filter: LetterFilter,
    limit: number,
    change: (queue: TopicQueue, dead: DeadJob) => Promise<boolean>,
  ): Promise<number> {
    const chosen = await this.#select(filter, { limit, after: undefined, newestFirst: false });
    const changed = await Promise.all(chosen.map(({ queue, dead }) => change(queue, dead)));
    return changed.filter(Boolean).length;
  }
}

/** Returns the topic of an id; undefined if it is none. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
