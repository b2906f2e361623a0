import { queueOver, readOptions, readQueueLimits } from 'fusewire/kit';
import type { QueueLimits, QueueOptions } from 'fusewire/kit';
import type { Queue } from 'fusewire/queue';
import { PgBoss } from 'pg-boss';
import { PgBossStore } from './store.ts';

/** Options of {@link pgBossQueue}. Exactly one of `boss` and `connectionString` is required. */
export interface PgBossQueueOptions extends QueueOptions {
  /** An instance of pg-boss that has started. The queue never stops it. */
  readonly boss?: PgBoss | undefined;
  /**
   * URL of the database: `postgres://user:password@host:port/database`. The queue starts pg-boss with the first use, and
   * stops it.
   */
  readonly connectionString?: string | undefined;
  /** Schema of pg-boss: letters, digits and `_`, not beginning with a digit. Default `'pgboss'`. */
  readonly schema?: string | undefined;
  /**
   * First part of the names of the queues in pg-boss: letters, digits, `_` and `-`. The topic follows, after a `/`. Default
   * `'fusewire'`.
   */
  readonly name?: string | undefined;
  /**
   * Seconds without a heartbeat after which pg-boss takes the process of an operation for dead: 10 to 3 600. It checks at
   * intervals of its own. The leases of consumers are not longer. Default 30.
   */
  readonly heartbeatSeconds?: number | undefined;
}

const SCHEMA = /^[A-Za-z_]\w{0,49}$/;
const NAME = /^[\w-]{1,50}$/;
const LONGEST_HEARTBEAT = 3_600;
/** Seconds between two checks for processes that died. */
const MONITOR_INTERVAL = 5;

/**
 * Returns a queue of jobs of pg-boss, which any number of processes may share. An acknowledged message is committed: it
 * survives `kill -9` of this process, and of the server unless `synchronous_commit` or `fsync` is off.
 *
 * @throws {OptionsError} with every invalid option.
 */
export function pgBossQueue<Payload = unknown>(options: PgBossQueueOptions): Queue<Payload> {
  const { boss, connectionString, schema, name, heartbeatSeconds, limits } = readPgBossOptions(options);
  const own = boss === undefined ? new OwnBoss(connectionString, schema) : undefined;
  const store = new PgBossStore({
    boss: own === undefined ? async () => boss as PgBoss : () => own.started(),
    table: `${schema}.job`,
    name,
    heartbeatSeconds,
    close: async () => own?.stop(),
  });
  return queueOver<Payload>(store, limits);
}

/** Instance of pg-boss that belongs to a queue. The first use starts it. */
class OwnBoss {
  readonly #options: { readonly connectionString: string; readonly schema: string };
  #started: Promise<PgBoss> | undefined;

  constructor(connectionString: string, schema: string) {
    this.#options = { connectionString, schema };
  }

  /** Returns the instance. After a failure, the next call tries again. */
  started(): Promise<PgBoss> {
    return (this.#started ??= this.#start().catch((error: unknown) => {
      this.#started = undefined;
      throw error;
    }));
  }

  async stop(): Promise<void> {
    const boss = await this.#started?.catch(() => undefined);
    await boss?.stop({ graceful: false });
  }

  async #start(): Promise<PgBoss> {
    const intervals = { superviseIntervalSeconds: MONITOR_INTERVAL, monitorIntervalSeconds: MONITOR_INTERVAL };
    const boss = new PgBoss({ ...this.#options, ...intervals, schedule: false });
    // Every method rejects with its own error; without a listener the event would end the process.
    boss.on('error', () => undefined);
    try {
      return await boss.start();
    } catch (error) {
      await boss.stop({ graceful: false }).catch(() => undefined);
      throw error;
    }
  }
}

interface PgBossQueueSettings {
  readonly boss: PgBoss | undefined;
  /** Empty if `boss` is set. */
  readonly connectionString: string;
  readonly schema: string;
  readonly name: string;
  readonly heartbeatSeconds: number;
  readonly limits: QueueLimits;
}

function readPgBossOptions(options: PgBossQueueOptions): PgBossQueueSettings {
  const reader = readOptions('Queue', 'pg-boss', options);
  const boss = reader.value('boss');
  const connectionString = reader.value('connectionString');
  if (boss !== undefined && typeof (boss as Partial<PgBoss> | null)?.getDb !== 'function') {
    reader.report('boss', 'type', 'an instance of pg-boss that has started');
  }
  if (connectionString !== undefined && (typeof connectionString !== 'string' || connectionString === '')) {
    reader.report('connectionString', typeof connectionString === 'string' ? 'range' : 'type', 'a URL of a database');
  }
  if ((boss === undefined) === (connectionString === undefined)) {
    reader.report('boss', 'conflict', 'given if, and only if, connectionString is not');
  }
  const { schema = 'pgboss', name = 'fusewire' } = { schema: reader.value('schema'), name: reader.value('name') };
  for (const [option, value, pattern, expected] of [
    ['schema', schema, SCHEMA, 'a name of at most 50 letters, digits and _, not beginning with a digit'],
    ['name', name, NAME, 'a name of at most 50 letters, digits, _ and -'],
  ] as const) {
    if (typeof value === 'string' && pattern.test(value)) continue;
    reader.report(option, typeof value === 'string' ? 'range' : 'type', expected);
  }
  const seconds = `a whole number of seconds from 10 to ${LONGEST_HEARTBEAT}`;
  const heartbeatSeconds = reader.number('heartbeatSeconds', 10, LONGEST_HEARTBEAT, seconds, true) ?? 30;
  const limits = readQueueLimits(reader);
  reader.finish();
  return {
    boss: boss as PgBoss | undefined,
    connectionString: (connectionString ?? '') as string,
    schema: schema as string,
    name: name as string,
    heartbeatSeconds,
    limits,
  };
}
