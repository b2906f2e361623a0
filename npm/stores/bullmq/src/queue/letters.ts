import type { Job, Queue } from 'bullmq';
import type { LetterFilter, LetterPosition, LetterRange, StoredLetter } from 'fusewire/kit';
import { toMessage } from './jobs.ts';
import type { JobData } from './jobs.ts';

/** Jobs that are read at a time. */
const CHUNK = 200;

/** A dead letter with its job. */
export interface DeadJob {
  readonly letter: StoredLetter;
  readonly job: Job<JobData>;
  readonly position: LetterPosition;
}

/** Part of the client of BullMQ that is used. */
interface Client {
  zrangebyscore(key: string, least: number | string, most: number | string): Promise<string[]>;
  zrevrangebyscore(key: string, most: number | string, least: number | string): Promise<string[]>;
}

/** Dead letters of a topic: the failed jobs of a queue of BullMQ. */
export class DeadJobs {
  readonly #queue: Queue<JobData>;
  readonly #topic: string;

  constructor(queue: Queue<JobData>, topic: string) {
    this.#queue = queue;
    this.#topic = topic;
  }

  /**
   * Returns dead letters that meet the conditions, in the order in which they died.
   *
   * @param ids ids of jobs, which replace those of the filter.
   */
  async select(
    { error, olderThan }: LetterFilter,
    ids: readonly string[] | undefined,
    { limit, after, newestFirst }: LetterRange,
  ): Promise<DeadJob[]> {
    const direction = newestFirst ? -1 : 1;
    const isAfter = (position: LetterPosition) => after === undefined || compare(position, after) * direction > 0;
    const found: DeadJob[] = [];
    const candidates = ids ?? (await this.#idsAfter(after, newestFirst));
    for (let start = 0; start < candidates.length && (ids !== undefined || found.length < limit); start += CHUNK) {
      const dead = await Promise.all(candidates.slice(start, start + CHUNK).map((id) => this.#read(id)));
      for (const each of dead) {
        if (each === undefined || !isAfter(each.position)) continue;
        if (error !== undefined && each.letter.lastError?.includes(error) !== true) continue;
        if (olderThan === undefined || each.letter.deadFor >= olderThan) found.push(each);
      }
    }
    found.sort((one, other) => compare(one.position, other.position) * direction);
    return found.slice(0, limit);
  }

  async #idsAfter(after: LetterPosition | undefined, newestFirst: boolean): Promise<string[]> {
    const { client: connected } = this.#queue.getBackend() as unknown as { readonly client: Promise<unknown> };
    const client = (await connected) as Client;
    const key = this.#queue.toKey('failed');
    if (newestFirst) return client.zrevrangebyscore(key, after?.at ?? '+inf', '-inf');
    return client.zrangebyscore(key, after?.at ?? '-inf', '+inf');
  }

  async #read(id: string): Promise<DeadJob | undefined> {
    const job = await this.#queue.getJob(id);
    if (job === undefined || !(await job.isFailed())) return undefined;
    const message = toMessage(this.#topic, job, 0);
    const at = job.finishedOn ?? 0;
    const deadFor = Math.max(0, Date.now() - at);
    return { job, letter: { ...message, deadFor }, position: { at, id: message.id } };
  }
}

/** Compares positions of dead letters. Redis orders ids of the same time by their bytes. */
export function compare(one: LetterPosition, other: LetterPosition): number {
  if (one.at !== other.at) return one.at - other.at;
  return one.id < other.id ? -1 : Number(one.id > other.id);
}
