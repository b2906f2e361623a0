import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { postgresQueue } from '@fusewire/postgres';
import type { Queue } from 'fusewire/queue';
import { PostgresQueueStore } from '../src/queue/store.ts';
import { queueContract } from '@fusewire/testing/queue';
import { worksBeside } from '../../../../tests/queues/migrations.ts';
import { addsInTransactions } from '../../../../tests/queues/transactions.ts';
import { until } from '../../../../tests/queues/until.ts';
import { startPostgres } from '../../../../tests/queues/servers.ts';
import type { Server } from '../../../../tests/queues/servers.ts';

let server: Server;
const url = () => `postgres://postgres@127.0.0.1:${server.port}/postgres`;
const pool = {} as never;

before(async () => void (server = await startPostgres()));
after(() => server.stop());

queueContract({
  name: 'PostgreSQL',
  open: (name, limits) => postgresQueue({ connectionString: url(), table: name, ...limits }),
  openStore: (name) => {
    const own = new pg.Pool({ connectionString: url() });
    return new PostgresQueueStore(own, name, undefined, true, () => own.end());
  },
  durable: true,
  groups: true,
  invalidOptions: [
    ['pool', () => postgresQueue({})],
    ['pool', () => postgresQueue({ pool })],
    ['pool', () => postgresQueue({ pool: new pg.Pool(), connectionString: 'postgres://127.0.0.1' })],
    ['connectionString', () => postgresQueue({ connectionString: '' })],
    ['connectionString', () => postgresQueue({ connectionString: 1 as never })],
    ['pool', () => postgresQueue({ pool: 'postgres://user:secret@127.0.0.1/orders' as never })],
    ['url', () => postgresQueue({ url: 'postgres://user:secret@127.0.0.1/orders' } as never)],
    [
      'table',
      () => postgresQueue({ connectionString: 'postgres://127.0.0.1', table: 'postgres://user:secret@127.0.0.1' }),
    ],
    ['table', () => postgresQueue({ connectionString: 'postgres://127.0.0.1', table: 'a"; DROP TABLE b' })],
    ['table', () => postgresQueue({ connectionString: 'postgres://127.0.0.1', table: 't'.repeat(49) })],
    ['schema', () => postgresQueue({ connectionString: 'postgres://127.0.0.1', schema: 1 as never })],
    ['createTable', () => postgresQueue({ connectionString: 'postgres://127.0.0.1', createTable: 1 as never })],
    [
      'preparedStatements',
      () => postgresQueue({ connectionString: 'postgres://127.0.0.1', preparedStatements: 1 as never }),
    ],
    ['url', () => postgresQueue({ url: 'postgres://127.0.0.1' } as never)],
    ['options', () => postgresQueue(undefined as never)],
  ],
});

describe('postgresQueue()', () => {
  it('keeps its messages in the database of `pool`, and leaves that open', async () => {
    const own = new pg.Pool({ connectionString: url() });
    const queue = postgresQueue({ pool: own });
    await queue.enqueue({ key: 'key', payload: { some: 'object' } });
    await queue.close();
    const { rows } = await own.query('SELECT key, payload FROM fusewire_queue');
    assert.deepEqual(rows, [{ key: 'key', payload: '{"some":"object"}' }]);
    await own.end();
  });

  it('creates its table once, in the schema, when many queues start at the same time', async () => {
    const own = new pg.Pool({ connectionString: url() });
    await own.query('CREATE SCHEMA "Later"');
    const queues = Array.from({ length: 10 }, () =>
      postgresQueue({ connectionString: url(), table: 'Orders', schema: 'Later' }),
    );
    await Promise.all(queues.map((queue, index) => queue.enqueue({ key: `key ${index}`, payload: index })));
    assert.equal((await (queues[0] as Queue).size()).waiting, 10);
    await Promise.all(queues.map((queue) => queue.close()));
    const { rows } = await own.query('SELECT count(*)::int AS count FROM "Later"."Orders"');
    assert.deepEqual(rows, [{ count: 10 }]);
    await own.end();
  });

  it('rejects until its table exists if `createTable` is false', async () => {
    const queue = postgresQueue({ connectionString: url(), table: 'made_later', createTable: false });
    await assert.rejects(queue.enqueue({ key: 'key', payload: 1 }), /relation "made_later" does not exist/);
    const maker = postgresQueue({ connectionString: url(), table: 'made_later' });
    await maker.size();
    assert.equal((await queue.enqueue({ key: 'key', payload: 1 })).status, 'new');
    await Promise.all([queue.close(), maker.close()]);
  });

  it('rejects every call while the server is away', async () => {
    const broken = postgresQueue({ connectionString: 'postgres://postgres@127.0.0.1:1/postgres' });
    await assert.rejects(broken.enqueue({ key: 'key', payload: 1 }), /ECONNREFUSED/);
    await assert.rejects(broken.size(), /ECONNREFUSED/);
    await broken.close();
  });

  it('brings the table of an earlier version up to date, with its messages', async () => {
    const own = new pg.Pool({ connectionString: url() });
    await own.query(`
      CREATE TABLE earlier (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL UNIQUE, payload text NOT NULL,
        attempts integer NOT NULL DEFAULT 0, available_at timestamptz NOT NULL DEFAULT clock_timestamp(), token text,
        last_error text, dead boolean NOT NULL DEFAULT false
      );
      CREATE INDEX earlier_alive ON earlier (id) WHERE NOT dead;
      INSERT INTO earlier (key, payload) VALUES ('waiting', '1');
      INSERT INTO earlier (key, payload, dead) VALUES ('dead', '2', true);`);
    const queues = Array.from({ length: 5 }, () => postgresQueue({ pool: own, table: 'earlier' }));
    const sizes = await Promise.all(queues.map((queue) => queue.size('default')));
    for (const { waiting, dead } of sizes) assert.deepEqual({ waiting, dead }, { waiting: 1, dead: 1 });
    assert.equal((await (queues[0] as Queue).enqueue({ key: 'waiting', payload: 1, topic: 'other' })).status, 'new');
    await own.query(`COMMENT ON TABLE earlier IS 'fusewire queue, version 3'`);
    await assert.rejects(postgresQueue({ pool: own, table: 'earlier' }).size(), /has version 3; .* knows 2/);
    await own.end();
  });

  it('adds columns to a table of the release before, and works beside processes of that release', async () => {
    const own = new pg.Pool({ connectionString: url() });
    await own.query(`
      CREATE SCHEMA "Before";
      CREATE TABLE "Before".orders (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text NOT NULL DEFAULT 'default', key text NOT NULL,
        payload text NOT NULL, priority smallint NOT NULL DEFAULT 2, attempts integer NOT NULL DEFAULT 0,
        abandoned integer NOT NULL DEFAULT 0, enqueued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        available_at timestamptz NOT NULL DEFAULT clock_timestamp(), token text, last_error text,
        dead boolean NOT NULL DEFAULT false, CONSTRAINT "orders_key" UNIQUE (topic, key)
      );
      CREATE INDEX orders_next ON "Before".orders (topic, priority DESC, id) WHERE NOT dead;
      CREATE INDEX orders_dead ON "Before".orders (id) WHERE dead;
      COMMENT ON TABLE "Before".orders IS 'fusewire queue, version 2';`);
    const add = (key: string) =>
      own.query(
        `INSERT INTO "Before".orders (topic, key, payload, priority, enqueued_at)
         VALUES ('default', $1, '1', 2, now() - interval '1 day')`,
        [key],
      );
    const bury = (key: string) =>
      own.query(`UPDATE "Before".orders SET dead = true, last_error = 'old' WHERE key = $1`, [key]);
    for (const key of ['waiting', 'dead']) await add(key);
    await bury('dead');
    const queue = postgresQueue({ pool: own, table: 'orders', schema: 'Before' });
    assert.equal((await queue.size()).dead, 1);
    await worksBeside({ add, bury }, queue);
    const { rows } = await own.query(`SELECT obj_description('"Before".orders'::regclass) AS label`);
    assert.deepEqual(rows, [{ label: 'fusewire queue, version 2' }]);
    await own.end();
  });

  it('keeps the order of a group where messages are added in transactions that end later', async () => {
    const own = new pg.Pool({ connectionString: url() });
    const queue = postgresQueue({ pool: own, table: 'in_order' });
    await queue.size();
    const client = await own.connect();
    await client.query('BEGIN');
    await queue.enqueue({ key: 'first', payload: 1, group: 'account' }, { in: client });
    const second = queue.enqueue({ key: 'second', payload: 1, group: 'account' });
    await queue.enqueue({ key: 'other', payload: 1, group: 'other' });
    const keys: string[] = [];
    const consumer = queue.consume({ pollInterval: 10, concurrency: 4 }, (_, { key }) => void keys.push(key));
    await until(async () => keys.length === 1);
    await client.query('COMMIT');
    client.release();
    await second;
    await until(async () => keys.length === 3);
    assert.deepEqual(keys, ['other', 'first', 'second']);
    await consumer.close();
    await own.end();
  });

  it('reports settings that endanger messages, and a server that does not answer', async () => {
    const healthOf = async (queue: Queue) => {
      const { status, durability, problems, size } = await queue.health();
      await queue.close();
      return [status, durability, size?.waiting ?? null, ...problems];
    };
    const careless = `${url()}?options=${encodeURIComponent('-c synchronous_commit=off')}`;
    assert.deepEqual(await healthOf(postgresQueue({ connectionString: url(), table: 'health' })), [
      'ok',
      'power loss',
      0,
    ]);
    assert.deepEqual(await healthOf(postgresQueue({ connectionString: careless, table: 'health' })), [
      ...['degraded', 'process', 0],
      'The setting synchronous_commit is off: a crash of the server can undo the latest messages.',
    ]);
    assert.deepEqual(await healthOf(postgresQueue({ connectionString: 'postgres://postgres@127.0.0.1:1/postgres' })), [
      ...['error', 'unknown', null, 'The store does not answer.'],
    ]);
  });

  it('takes no lock that waits for a transaction, and needs no right to create, where the table is as it must be', async () => {
    const own = new pg.Pool({ connectionString: url() });
    await postgresQueue({ pool: own, table: 'ready' }).size();
    await own.query('CREATE ROLE clerk LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ready TO clerk');
    const busy = await own.connect();
    await busy.query('BEGIN; LOCK TABLE ready IN ROW EXCLUSIVE MODE');
    const connectionString = url().replace('postgres@', 'clerk@');
    const queue = postgresQueue({ connectionString, table: 'ready' });
    assert.equal((await queue.enqueue({ key: 'key', payload: 1 })).status, 'new');
    await busy.query('COMMIT');
    busy.release();
    await Promise.all([queue.close(), own.end()]);
  });

  addsInTransactions(url, (pool) => postgresQueue({ pool, table: 'transactions' }));

  it('prepares its statements once for each connection, and none if `preparedStatements` is false', async () => {
    for (const preparedStatements of [true, false]) {
      const own = new pg.Pool({ connectionString: url(), max: 1 });
      const queue = postgresQueue({ pool: own, table: `prepared_${preparedStatements}`, preparedStatements });
      for (let index = 0; index < 5; index++) await queue.enqueue({ key: `key ${index}`, payload: index });
      const consumer = queue.consume({ pollInterval: 20 }, () => 1);
      await until(async () => consumer.getStats().totalDone === 5);
      await queue.close();
      const { rows } = await own.query(
        `SELECT count(*)::int AS count FROM pg_prepared_statements WHERE name LIKE 'fusewire%'`,
      );
      assert.equal(rows[0].count > 0, preparedStatements);
      await own.end();
    }
  });

  it('completes a message and claims the next one in one statement', async () => {
    const own = new pg.Pool({ connectionString: url() });
    const statements: string[] = [];
    const counting = {
      query(statement: pg.QueryConfig) {
        statements.push(statement.text);
        return own.query(statement);
      },
    };
    const queue = postgresQueue({ pool: counting as never, table: 'one_statement' });
    await queue.enqueueAll(Array.from({ length: 100 }, (_, index) => ({ key: `key ${index}`, payload: index })));
    statements.length = 0;
    const consumer = queue.consume({ concurrency: 1 }, () => 1);
    await until(async () => consumer.getStats().totalDone === 100);
    await consumer.close();
    assert.ok(statements.length <= 110, `${statements.length} statements for 100 messages`);
    await Promise.all([queue.close(), own.end()]);
  });
});
