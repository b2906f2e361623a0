import { LeaseWorker } from 'fusewire/kit';
import type {
  InsertedMessage,
  InsertOptions,
  LeaseStore,
  LetterFilter,
  LetterPage,
  LetterRange,
  NewMessage,
  PutBack,
  StoreCheck,
  StoredMessage,
  StoreWorker,
  WorkerHooks,
  WorkerSettings,
  WorkerStore,
} from 'fusewire/kit';
import type { QueueSize } from 'fusewire/queue';
import type { Db, JobAttempt, PgBoss } from 'pg-boss';
import { isJobId, jobId, jobOptions, NO_LIMIT, queueName, toMessage } from './jobs.ts';
import type { JobData, JobRow } from './jobs.ts';
import { findLetters, pageOfLetters, readCheck, readSize } from './reads.ts';

/** Settings of a store. */
export interface PgBossSettings {
  /** Returns pg-boss, once it has started. */
  readonly boss: () => Promise<PgBoss>;
  /** Job table of pg-boss, with its schema. */
  readonly table: string;
  /** First part of the names of the queues in pg-boss. */
  readonly name: string;
  readonly heartbeatSeconds: number;
  readonly close: () => Promise<void>;
}

/** Part of a job that decides what becomes of a message with its key. */
interface Existing {
  readonly id: string;
  readonly state: string;
}

/** Client of pg that has begun a transaction. */
interface Client {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
}

/** Shortest delay of a retry that is not 0, in milliseconds. */
const SHORTEST_DELAY = 20;

/**
 * Store of the messages of a queue as jobs of pg-boss. A topic has a queue of its own in pg-boss, and a key the id of its job.
 * Jobs change through the methods of pg-boss; only lists and counts are read from its table. A lease is a fetch, whose number
 * of retries every later step must name.
 */
export class PgBossStore implements LeaseStore, WorkerStore {
  readonly #settings: PgBossSettings;
  /** Queues of pg-boss that this process has created. */
  readonly #created = new Map<string, Promise<void>>();
  /** Fetches of this process that are not settled, by the id of the job. */
  readonly #fetches = new Map<
    string,
    { readonly token: string; readonly name: string; readonly attempt: JobAttempt }
  >();

  constructor(settings: PgBossSettings) {
    this.#settings = settings;
  }

  /** Starts a worker whose heartbeats come soon enough for pg-boss. */
  work(settings: WorkerSettings, hooks: WorkerHooks): StoreWorker {
    const leaseTime = Math.min(settings.leaseTime, this.#settings.heartbeatSeconds * 1_000);
    return new LeaseWorker(this, { ...settings, leaseTime }, hooks);
  }

  async insert(messages: readonly NewMessage[], { room, transaction }: InsertOptions) {
    for (const { topic } of messages) await this.#nameOf(topic);
    if (transaction !== undefined) return this.#insert(asDb(transaction), messages, room);
    return this.#inTransaction(async (db) => {
      // Batches with the same keys in different orders would wait for each other.
      if (messages.length > 1) await db.executeSql('SELECT pg_advisory_xact_lock(hashtext($1))', [this.#settings.name]);
      return this.#insert(db, messages, room);
    });
  }

  async claim(topic: string, count: number, token: string): Promise<StoredMessage[]> {
    const name = await this.#nameOf(topic);
    const boss = await this.#settings.boss();
    const jobs = await boss.fetch<JobData>(name, { batchSize: count, includeMetadata: true });
    for (const { id, retryCount } of jobs) this.#fetches.set(id, { token, name, attempt: { id, retryCount } });
    return jobs
      .toSorted((one, other) => other.priority - one.priority || +one.createdOn - +other.createdOn)
      .map(toMessage);
  }

  async extend(id: string, token: string): Promise<boolean> {
    return this.#settle(id, token, async (boss, name, attempt) => affected(await boss.touch(name, attempt)), true);
  }

  async complete(id: string, token: string): Promise<boolean> {
    return this.#settle(id, token, async (boss, name, attempt) => affected(await boss.deleteJob(name, attempt)));
  }

  async putBack(id: string, token: string, { after, error }: PutBack): Promise<boolean> {
    return this.#settle(id, token, (boss, name, attempt) =>
      this.#inTransaction(async (db) => {
        if (!affected(await boss.fail(name, attempt, outputOf(error), { db }))) return false;
        const data = await dataOf(boss, name, id, db);
        const changes =
          error === null ? { released: data.released + 1 } : { failed: data.failed + 1, lastError: error };
        await boss.update(name, { ...data, ...changes }, { id, startAfter: delaySeconds(after), db });
        return true;
      }),
    );
  }

  async bury(id: string, token: string, error: string | null): Promise<boolean> {
    return this.#settle(id, token, (boss, name, attempt) =>
      this.#inTransaction(async (db) => {
        if (!affected(await boss.fail(name, attempt, outputOf(error), { db }))) return false;
        const data = await dataOf(boss, name, id, db);
        // The second failure is the last one, because no retry is left.
        await boss.update(name, { ...data, failed: data.failed + 1, lastError: error }, { id, retryLimit: 0, db });
        await boss.fail(name, id, outputOf(error), { db });
        return true;
      }),
    );
  }

  async dead(filter: LetterFilter, range: LetterRange): Promise<LetterPage> {
    return pageOfLetters(await this.#db(), this.#settings.table, this.#namesOf(filter.topic), filter, range);
  }

  async revive(filter: LetterFilter, limit: number): Promise<number> {
    const boss = await this.#settings.boss();
    return this.#changeLetters(filter, limit, (db, name, letters) => this.#revive(boss, db, name, letters, {}));
  }

  async discard(filter: LetterFilter, limit: number): Promise<number> {
    const boss = await this.#settings.boss();
    return this.#changeLetters(filter, limit, async (db, name, letters) => {
      await boss.deleteJob(
        name,
        letters.map(({ id }) => id),
        { db },
      );
    });
  }

  async size(topic: string | undefined): Promise<QueueSize> {
    return readSize(await this.#db(), this.#settings.table, this.#namesOf(topic));
  }

  async check(): Promise<StoreCheck> {
    return readCheck(await this.#db());
  }

  async close(): Promise<void> {
    this.#fetches.clear();
    await this.#settings.close();
  }

  async #insert(db: Db, messages: readonly NewMessage[], room: number): Promise<InsertedMessage[] | null> {
    const ids = messages.map(({ topic, key }) => jobId(topic, key));
    const receipts = new Map<string, InsertedMessage>();
    for (let isFirst = true; receipts.size < ids.length; isFirst = false) {
      const missing = ids.filter((id) => !receipts.has(id));
      const existing = new Map((await this.#find(db, messages, missing)).map((job) => [job.id, job]));
      const added = messages.filter(
        (_, index) => !receipts.has(ids[index] as string) && !existing.has(ids[index] as string),
      );
      if (isFirst && added.length > room) return null;
      for (const id of await this.#add(db, added)) receipts.set(id, { id, status: 'new' });
      for (const [index, message] of messages.entries()) {
        const found = existing.get(ids[index] as string);
        const status = found === undefined ? undefined : await this.#statusOf(db, found, message);
        if (found !== undefined && status !== undefined) receipts.set(found.id, { id: found.id, status });
      }
    }
    return ids.map((id) => receipts.get(id) as InsertedMessage);
  }

  async #find(db: Db, messages: readonly NewMessage[], ids: readonly string[]): Promise<Existing[]> {
    const names = [...new Set(messages.map(({ topic }) => queueName(this.#settings.name, topic)))];
    const text = `SELECT id, state FROM ${this.#settings.table} WHERE name = ANY ($1) AND id = ANY ($2::uuid[])`;
    return (await db.executeSql(text, [names, ids])).rows as Existing[];
  }

  /** Adds jobs, and returns the ids of those that were not there. */
  async #add(db: Db, messages: readonly NewMessage[]): Promise<string[]> {
    const boss = await this.#settings.boss();
    const added: string[] = [];
    for (const topic of new Set(messages.map((message) => message.topic))) {
      const jobs = messages
        .filter((message) => message.topic === topic)
        .map(({ key, payload, delay, priority }) => {
          const enqueuedAt = Date.now();
          const data: JobData = { topic, key, payload, failed: 0, released: 0, lastError: null, enqueuedAt };
          const startAfter = delay / 1_000;
          return { id: jobId(topic, key), data, priority, startAfter, ...jobOptions(this.#settings.heartbeatSeconds) };
        });
      added.push(...((await boss.insert(await this.#nameOf(topic), jobs, { db, returnId: true })) ?? []));
    }
    return added;
  }

  /** Returns the status of a message that was found. Undefined if it is gone, or is gone now, and must be added. */
  async #statusOf(
    db: Db,
    { id, state }: Existing,
    message: NewMessage,
  ): Promise<InsertedMessage['status'] | undefined> {
    const { topic, payload, priority, delay, revives } = message;
    const boss = await this.#settings.boss();
    const name = await this.#nameOf(topic);
    if (state === 'active') return 'running';
    if (state === 'created' || state === 'retry') return 'waiting';
    if (state === 'failed' && !revives) return 'dead';
    if (state === 'failed') {
      const job = await boss.getJobById<JobData>(name, id, { db });
      if (job?.state !== 'failed') return undefined;
      await this.#revive(boss, db, name, [job], { payload, lastError: null }, { priority, startAfter: delay / 1_000 });
      return 'revived';
    }
    // Somebody has completed or cancelled it with pg-boss.
    await boss.deleteJob(name, id, { db });
    return undefined;
  }

  async #revive(
    boss: PgBoss,
    db: Db,
    name: string,
    letters: readonly JobRow[],
    changes: Partial<JobData>,
    options: { readonly priority?: number; readonly startAfter?: number } = {},
  ): Promise<void> {
    await boss.retry(
      name,
      letters.map(({ id }) => id),
      { db },
    );
    for (const { id, data, retryCount } of letters) {
      const counts = { failed: 0, released: retryCount + 1, enqueuedAt: Date.now() };
      const revived: JobData = { ...data, ...counts, ...changes };
      await boss.update(name, revived, { id, retryLimit: NO_LIMIT, startAfter: 0, ...options, db });
    }
  }

  async #changeLetters(
    filter: LetterFilter,
    limit: number,
    change: (db: Db, name: string, letters: readonly JobRow[]) => Promise<void>,
  ): Promise<number> {
    const ids = filter.ids?.filter(isJobId);
    return this.#inTransaction(async (db) => {
      const { table } = this.#settings;
      const letters = await findLetters(db, table, this.#namesOf(filter.topic), { ...filter, ids }, limit);
      for (const topic of new Set(letters.map(({ data }) => data.topic))) {
        await change(
          db,
          await this.#nameOf(topic),
          letters.filter(({ data }) => data.topic === topic),
        );
      }
      return letters.length;
    });
  }

  /** Applies a step to the fetch that `token` names. */
  async #settle(
    id: string,
    token: string,
    apply: (boss: PgBoss, name: string, attempt: JobAttempt) => Promise<boolean>,
    goesOn = false,
  ): Promise<boolean> {
    const fetch = this.#fetches.get(id);
    if (fetch?.token !== token) return false;
    const isApplied = await apply(await this.#settings.boss(), fetch.name, fetch.attempt);
    if (!(isApplied && goesOn) && this.#fetches.get(id) === fetch) this.#fetches.delete(id);
    return isApplied;
  }

  async #inTransaction<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const transaction = await (await this.#db()).beginTransaction?.();
    if (transaction === undefined) throw new Error('Queue pg-boss: the adapter of pg-boss has no transactions');
    try {
      const result = await work(transaction.db);
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  async #db(): Promise<Db> {
    return (await this.#settings.boss()).getDb();
  }

  /** Returns the name of the queue of a topic in pg-boss, or the first part of the names of all. */
  #namesOf(topic: string | undefined): { readonly name: string; readonly isPrefix: boolean } {
    const { name } = this.#settings;
    return topic === undefined
      ? { name: `${name}/`, isPrefix: true }
      : { name: queueName(name, topic), isPrefix: false };
  }

  /** Returns the name of the queue of a topic in pg-boss, which the first use creates. */
  async #nameOf(topic: string): Promise<string> {
    const name = queueName(this.#settings.name, topic);
    let created = this.#created.get(name);
    if (created === undefined) {
      const options = jobOptions(this.#settings.heartbeatSeconds);
      created = this.#settings.boss().then((boss) => boss.createQueue(name, options));
      this.#created.set(name, created);
      created.catch(() => this.#created.delete(name));
    }
    await created;
    return name;
  }
}

/** Returns the delay of a retry in seconds. PostgreSQL counts it from the begin of the transaction that is under way. */
function delaySeconds(milliseconds: number): number {
  return milliseconds === 0 ? 0 : Math.max(milliseconds, SHORTEST_DELAY) / 1_000;
}

/** Whether a method of pg-boss has changed a job. Its declarations leave the number out. */
function affected(response: unknown): boolean {
  return (response as { readonly affected: number }).affected > 0;
}

/** Returns what pg-boss shows as the output of a failure. */
function outputOf(error: string | null): object {
  return { message: error ?? 'released' };
}

async function dataOf(boss: PgBoss, name: string, id: string, db: Db): Promise<JobData> {
  const job = await boss.getJobById<JobData>(name, id, { db });
  if (job === null) throw new Error(`Queue pg-boss: job ${id} does not exist`);
  return job.data;
}

function asDb(transaction: unknown): Db {
  if (typeof (transaction as Partial<Client> | null)?.query !== 'function') {
    throw new TypeError('Queue: the option in must be the client of pg that has begun a transaction');
  }
  const client = transaction as Client;
  return { executeSql: (text, values) => client.query(text, values) };
}
