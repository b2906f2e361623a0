import type { NewMessage, StoredMessage, StoreWorker, WorkerHooks, WorkerSettings, WorkerStore } from 'fusewire/kit';
import type { QueueSize } from 'fusewire/queue';
import { messageId } from './jobs.ts';
import type { BullmqQueueSettings } from './jobs.ts';
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

  async insert(message: NewMessage, transaction: unknown) {
    if (transaction !== undefined) throw new TypeError('Queue: a queue in Redis is part of no transaction');
    const { topic } = message;
    if (!this.#entered.has(topic)) {
      await this.#queueOf(DEFAULT_TOPIC).addToHash(TOPICS, { [topic]: '1' });
      this.#entered.add(topic);
    }
    const { id, status } = await this.#queueOf(topic).insert(message);
    return { id: messageId(topic, id), status };
  }

  work(settings: WorkerSettings, hooks: WorkerHooks): StoreWorker {
    return this.#queueOf(settings.topic).work(settings, hooks);
  }

  async dead(topic: string | undefined, limit: number): Promise<StoredMessage[]> {
    const queues = await this.#queuesOf(topic);
    const letters = await Promise.all(queues.map((queue) => queue.dead(limit)));
    return letters
      .flat()
      .toSorted((one, other) => other.age - one.age)
      .slice(0, limit);
  }

  revive(id: string): Promise<boolean> {
    return this.#find(id, (queue, jobId) => queue.revive(jobId));
  }

  discard(id: string): Promise<boolean> {
    return this.#find(id, (queue, jobId) => queue.discard(jobId));
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

  async #find(id: string, use: (queue: TopicQueue, jobId: string) => Promise<boolean>): Promise<boolean> {
    const end = id.lastIndexOf('/');
    return end > 0 && use(this.#queueOf(decodeURIComponent(id.slice(0, end))), id.slice(end + 1));
  }
}
