import type { Queue } from 'bullmq';
import type { JobData } from './jobs.ts';

/** Milliseconds between two looks at the clock. */
const INTERVAL = 10_000;
/** Milliseconds by which clocks may differ. */
const TOLERANCE = 1_000;
/** Factor of the scores of delayed jobs: BullMQ numbers the jobs of one millisecond. */
const SCORE = 0x1000;
/** Delayed jobs that are read at a time. */
const CHUNK = 100;

/** Part of the client of BullMQ that is used. */
interface Client {
  hget(key: string, field: string): Promise<string | null>;
  hset(key: string, fields: Record<string, string>): Promise<number>;
  zrangebyscore(key: string, least: number, most: string): Promise<string[]>;
}

/**
 * Finds out that the clock of this machine was set back, and repairs the delays of jobs. BullMQ stores the time at which a
 * delay ends, by the clock of the process: a clock set back by an hour would hide the job for an hour longer. The repair begins
 * the delay anew, so that no job waits longer than its own delay.
 */
export class ClockWatch {
  readonly #queue: Queue<JobData>;
  readonly #onFault: (error: unknown) => void;
  /** Difference between the clock of the machine and one that never jumps, at the last look. */
  #offset: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(queue: Queue<JobData>, onFault: (error: unknown) => void) {
    this.#queue = queue;
    this.#onFault = onFault;
    this.#look();
    this.#timer = setInterval(() => this.#look(), INTERVAL).unref();
  }

  /** Ends the watch. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#check()
      .catch((error: unknown) => {
        if (this.#timer !== undefined) this.#onFault(error);
      })
      .finally(() => (this.#isLooking = false));
  }

  async #check(): Promise<void> {
    const { client: connected } = this.#queue.getBackend() as unknown as { readonly client: Promise<unknown> };
    const client = (await connected) as Client;
    const key = this.#queue.toKey('clock');
    const now = Date.now();
    const offset = now - performance.now();
    // The first look compares with the latest time of any process, since it may be the first one after a restart.
    const before =
      this.#offset === undefined ? Number((await client.hget(key, 'latest')) ?? 0) : this.#offset + (now - offset);
    if (before - now > TOLERANCE) await this.#repair(client);
    await client.hset(key, { latest: String(now) });
    this.#offset = offset;
  }

  async #repair(client: Client): Promise<void> {
    const later = (Date.now() + TOLERANCE) * SCORE;
    const ids = await client.zrangebyscore(this.#queue.toKey('delayed'), later, '+inf');
    for (let start = 0; start < ids.length && this.#timer !== undefined; start += CHUNK) {
      await Promise.all(ids.slice(start, start + CHUNK).map((id) => this.#repairJob(id)));
    }
  }

  async #repairJob(id: string): Promise<void> {
    const job = await this.#queue.getJob(id);
    if (job === undefined) return;
    const { client: connected } = this.#queue.getBackend() as unknown as { readonly client: Promise<unknown> };
    const client = (await connected) as { zscore(key: string, member: string): Promise<string | null> };
    const score = await client.zscore(this.#queue.toKey('delayed'), id);
    if (score === null || Number(score) / SCORE - Date.now() <= job.delay + TOLERANCE) return;
    // It may have started meanwhile.
    await job.changeDelay(job.delay).catch(() => undefined);
  }
}
