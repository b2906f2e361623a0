import type { Job } from 'bullmq';

/** Part of a transaction of Redis that is used. */
export interface Transaction {
  eval(script: string, keys: number, ...args: string[]): unknown;
  exists(key: string): unknown;
  exec(): Promise<[Error | null, unknown][] | null>;
}

/** Job that waits to be added. */
interface PendingAdd {
  readonly job: Job;
  readonly key: string;
  /** Key of the failed jobs, of which the new one replaces that of its id; undefined if it replaces none. */
  readonly failed: string | undefined;
  readonly resolve: (isNew: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Removes a job if it has failed: from the set of those, and the job itself. */
const REMOVE_FAILED = `
if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then
  redis.call('DEL', KEYS[2], KEYS[2] .. ':logs')
  return 1
end
return 0`;
/** Most jobs of a transaction, during which Redis does nothing else. */
const LARGEST_BATCH = 500;

/**
 * Adds the jobs of calls that come together in one transaction of Redis. The transaction also reads whether each job is new:
 * BullMQ reports the id of a duplicate like that of a new job.
 */
export class BatchedAdds {
  readonly #begin: () => Promise<Transaction>;
  #pending: PendingAdd[] = [];

  /** @param begin begins a transaction. */
  constructor(begin: () => Promise<Transaction>) {
    this.#begin = begin;
  }

  /**
   * Adds a job unless its key is there. Returns whether it was added.
   *
   * @param failed key of the failed jobs, if the job replaces one of them.
   */
  add(job: Job, key: string, failed?: string): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ job, key, failed, resolve, reject });
      if (this.#pending.length === 1) queueMicrotask(() => this.#send());
    });
  }

  #send(): void {
    const pending = this.#pending;
    this.#pending = [];
    while (pending.length > 0) void this.#sendBatch(pending.splice(0, LARGEST_BATCH));
  }

  async #sendBatch(batch: readonly PendingAdd[]): Promise<void> {
    try {
      const transaction = await this.#begin();
      for (const { job, key, failed } of batch) {
        if (failed !== undefined) transaction.eval(REMOVE_FAILED, 2, failed, key, job.id as string);
        transaction.exists(key);
        // The command is part of the transaction at once. Its result comes with the transaction's.
        job.addJob(transaction as never).catch(() => undefined);
      }
      const results = await transaction.exec();
      if (results === null) throw new Error('Queue: Redis has not stored the messages');
      for (const { failed, resolve, reject } of batch) {
        const its = results.splice(0, failed === undefined ? 2 : 3);
        const error = its.find(([each]) => each !== null)?.[0];
        if (error === undefined) resolve(its.at(-2)?.[1] === 0);
        else reject(error);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
