import type { Job } from 'bullmq';

/** Part of a transaction of Redis that is used. */
export interface Transaction {
  exists(key: string): unknown;
  exec(): Promise<[Error | null, unknown][] | null>;
}

/** Job that waits to be added. */
interface PendingAdd {
  readonly job: Job;
  readonly key: string;
  readonly resolve: (isNew: boolean) => void;
  readonly reject: (error: unknown) => void;
}

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

  /** Adds a job unless its key is there. Returns whether it was added. */
  add(job: Job, key: string): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ job, key, resolve, reject });
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
      for (const { job, key } of batch) {
        transaction.exists(key);
        // The command is part of the transaction at once. Its result comes with the transaction's.
        job.addJob(transaction as never).catch(() => undefined);
      }
      const results = await transaction.exec();
      if (results === null) throw new Error('Queue: Redis has not stored the messages');
      for (const [index, { resolve, reject }] of batch.entries()) {
        const [[existsError, exists], [addError]] = results.slice(index * 2, index * 2 + 2) as [
          [Error | null, unknown],
          [Error | null, unknown],
        ];
        const error = existsError ?? addError;
        if (error === null) resolve(exists === 0);
        else reject(error);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
