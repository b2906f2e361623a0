// Queues that the benchmark measures, each behind the same three functions.

import { Queue, Worker } from 'bullmq';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { bullmqQueue } from '@fusewire/bullmq';
import { pgBossQueue } from '@fusewire/pg-boss';
import { postgresQueue } from '@fusewire/postgres';

/**
 * A queue under measurement.
 * @typedef {object} Contender
 * @property {string} name
 * @property {'postgres' | 'redis'} server
 * @property {readonly string[]} [beside] names of the engines used directly that it is compared with
 * @property {(server: { port: number }, name: string) => Promise<Opened>} open
 */

/**
 * @typedef {object} Opened
 * @property {(index: number) => Promise<unknown>} enqueue
 * @property {(count: number) => Promise<unknown>} fill adds so many messages at once
 * @property {(concurrency: number, onRun: () => void) => Promise<() => Promise<unknown>>} consume
 *   starts a consumer; returns the function that ends it
 * @property {() => Promise<unknown>} empty
 * @property {() => Promise<unknown>} close
 */

const urlOf = ({ port }) => `postgres://postgres@127.0.0.1:${port}/postgres`;
const KEY = (index) => `${process.pid}-${index}-${Math.random()}`;
const PAYLOAD = { order: 4711, items: ['one', 'two', 'three'], note: 'x'.repeat(100) };
/** Connections of each contender to PostgreSQL. */
const POOL = 20;

/** @type {Contender[]} */
export const CONTENDERS = [
  {
    name: 'fusewire/postgres',
    server: 'postgres',
    beside: ['pg-boss', 'graphile-worker', 'graphile-worker/batches'],
    async open(server, name) {
      const pool = new pg.Pool({ connectionString: urlOf(server), max: POOL });
      const queue = postgresQueue({ pool, table: name });
      await queue.size();
      return {
        ...oursOver(queue),
        fill: async (count) => {
          await pool.query(
            `INSERT INTO ${name} (key, payload) SELECT 'fill ' || n || $2, $3 FROM generate_series(1, $1::int) n`,
            [count, KEY(0), JSON.stringify(PAYLOAD)],
          );
          await pool.query(`ANALYZE ${name}`);
        },
        empty: () => pool.query(`TRUNCATE ${name}`),
        close: async () => {
          await queue.close();
          await pool.end();
        },
      };
    },
  },
  {
    name: 'fusewire/pg-boss',
    server: 'postgres',
    beside: ['pg-boss'],
    async open(server, name) {
      const boss = await startBoss(server, name);
      const queue = pgBossQueue({ boss, schema: name });
      await queue.size();
      return {
        ...oursOver(queue),
        fill: async (count) => {
          for (let left = count; left > 0; left -= 2_500) {
            const batch = Array.from({ length: Math.min(left, 2_500) }, () => ({ key: KEY(0), payload: PAYLOAD }));
            await queue.enqueueAll(batch);
          }
          await boss.getDb().executeSql(`ANALYZE ${name}.job`);
        },
        empty: () => boss.deleteAllJobs('fusewire/default'),
        close: async () => {
          await queue.close();
          await boss.stop({ graceful: false });
        },
      };
    },
  },
  {
    name: 'pg-boss',
    server: 'postgres',
    async open(server, name) {
      const boss = await startBoss(server, name);
      // One job for each key, as in ours.
      await boss.createQueue('jobs', { policy: 'exclusive' });
      return {
        enqueue: (index) => boss.send('jobs', PAYLOAD, { singletonKey: KEY(index) }),
        fill: async (count) => {
          for (let left = count; left > 0; left -= 10_000) {
            const jobs = Array.from({ length: Math.min(left, 10_000) }, (_, index) => ({
              data: PAYLOAD,
              singletonKey: KEY(left - index),
            }));
            await boss.insert('jobs', jobs);
          }
          await boss.getDb().executeSql(`ANALYZE ${name}.job`);
        },
        consume: async (concurrency, onRun) => {
          if (concurrency === 1) return fetchByHand(boss, onRun);
          const options = { batchSize: concurrency, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 };
          await boss.work('jobs', options, async (jobs) => jobs.forEach(onRun));
          return () => boss.offWork('jobs');
        },
        empty: () => boss.deleteAllJobs('jobs'),
        close: () => boss.stop({ graceful: false }),
      };
    },
  },
  graphileWorker('graphile-worker', {}),
  graphileWorker('graphile-worker/batches', { batches: true }),
  {
    name: 'fusewire/bullmq',
    server: 'redis',
    beside: ['bullmq'],
    async open({ port }, name) {
      const connection = { host: '127.0.0.1', port };
      const queue = bullmqQueue({ connection, name });
      const direct = new Queue(name, { connection });
      return {
        ...oursOver(queue),
        fill: async (count) => {
          const add = oursOver(queue).enqueue;
          await inLoops(256, count, add);
        },
        empty: () => direct.obliterate({ force: true }),
        close: async () => {
          await queue.close();
          await direct.close();
        },
      };
    },
  },
  {
    name: 'bullmq',
    server: 'redis',
    async open({ port }, name) {
      const connection = { host: '127.0.0.1', port };
      const queue = new Queue(name, { connection, defaultJobOptions: { removeOnComplete: true } });
      return {
        enqueue: (index) => queue.add('message', PAYLOAD, { jobId: KEY(index) }),
        fill: async (count) => {
          for (let left = count; left > 0; left -= 5_000) {
            const jobs = Array.from({ length: Math.min(left, 5_000) }, (_, index) => ({
              name: 'message',
              data: PAYLOAD,
              opts: { jobId: KEY(left - index) },
            }));
            await queue.addBulk(jobs);
          }
        },
        consume: async (concurrency, onRun) => {
          const worker = new Worker(name, async () => onRun(), { connection, concurrency });
          return () => worker.close(true);
        },
        empty: () => queue.obliterate({ force: true }),
        close: () => queue.close(),
      };
    },
  },
];

/** Runs `work` for each number below `count`, in so many loops at a time. */
export async function inLoops(loops, count, work) {
  let next = 0;
  const loop = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: loops }, loop));
}

function oursOver(queue) {
  return {
    enqueue: (index) => queue.enqueue({ key: KEY(index), payload: PAYLOAD }),
    consume: async (concurrency, onRun) => {
      const consumer = queue.consume({ concurrency, pollInterval: 500 }, onRun);
      return () => consumer.close();
    },
  };
}

/** Starts pg-boss in a schema of its own. */
async function startBoss(server, schema) {
  const boss = new PgBoss({ connectionString: urlOf(server), max: POOL, schema, supervise: false, schedule: false });
  boss.on('error', (error) => console.error(error));
  return boss.start();
}

/** Drains pg-boss one job at a time. Its own worker pauses after each job, unless it fetches batches. */
function fetchByHand(boss, onRun) {
  let isOver = false;
  const drained = (async () => {
    while (!isOver) {
      const [job] = await boss.fetch('jobs');
      if (job === undefined) continue;
      await boss.complete('jobs', job.id);
      onRun();
    }
  })();
  return async () => {
    isOver = true;
    await drained;
  };
}

function graphileWorker(label, { batches = false }) {
  return {
    name: label,
    server: 'postgres',
    async open(server, name) {
      const { Logger, makeWorkerUtils, run } = await import('graphile-worker');
      const pool = new pg.Pool({ connectionString: urlOf(server), max: POOL });
      const logger = new Logger(() => () => undefined);
      const common = { pgPool: pool, schema: name, logger };
      const utils = await makeWorkerUtils(common);
      await utils.migrate();
      return {
        enqueue: (index) => utils.addJob('job', PAYLOAD, { jobKey: KEY(index) }),
        fill: async (count) => {
          for (let left = count; left > 0; left -= 10_000) {
            const jobs = Array.from({ length: Math.min(left, 10_000) }, (_, index) => ({
              identifier: 'job',
              payload: PAYLOAD,
              jobKey: KEY(left - index),
            }));
            await utils.addJobs(jobs);
          }
          await pool.query(`ANALYZE ${name}._private_jobs`);
        },
        consume: async (concurrency, onRun) => {
          const worker = batches
            ? { localQueue: { size: concurrency + 1 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }
            : {};
          const runner = await run({
            ...common,
            concurrency,
            noHandleSignals: true,
            taskList: { job: async () => onRun() },
            preset: { worker },
          });
          return () => runner.stop();
        },
        empty: () => pool.query(`TRUNCATE ${name}._private_jobs`),
        close: async () => {
          await utils.release();
          await pool.end();
        },
      };
    },
  };
}
