/** What the clients of databases throw, and what it means. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { http, isRetriable, kindOf } from '@fusewire/http';
import type { ErrorKind } from '@fusewire/http';
import { PrismaPg } from '@prisma/adapter-pg';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startPostgres, startRedis } from '../queues/servers.ts';
import type { Server } from '../queues/servers.ts';

const { classify } = http().breaker;

/** What a call rejects with comes to: its kind, the verdict on it, and whether it is worth another attempt. */
async function meaning(call: Promise<unknown>): Promise<readonly [ErrorKind | undefined, unknown, boolean]> {
  const error = await call.then(
    () => assert.fail('it was to reject'),
    (reason: unknown) => reason,
  );
  return [kindOf(error), classify(error), isRetriable(error)];
}

const NETWORK = ['network', 'failure', true] as const;
const TIMEOUT = ['timeout', 'failure', true] as const;
const SERVER = ['server', 'failure', true] as const;
const REFUSED = ['client', 'ignore', false] as const;

/** A port on which a server takes connections and says nothing. */
async function startMute() {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, server };
}

async function deadPort(): Promise<number> {
  const { port, server } = await startMute();
  server.close();
  await once(server, 'close');
  return port;
}

describe('pg', () => {
  let postgres: Server;
  const configFor = (port: number) => ({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  const withClient = async <T>(use: (client: pg.Client) => Promise<T>, more: pg.ClientConfig = {}): Promise<T> => {
    const client = new pg.Client({ ...configFor(postgres.port), ...more });
    client.on('error', () => {});
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end().catch(() => {});
    }
  };
  /** Resolves once a query sleeps. */
  const sleeps = () =>
    withClient(async (client) => {
      const asleep = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
      while ((await client.query(asleep)).rowCount === 0);
    });
  before(async () => void (postgres = await startPostgres()));
  after(() => postgres.stop());

  it('a refused connection', async () => {
    assert.deepEqual(await meaning(new pg.Client(configFor(await deadPort())).connect()), NETWORK);
  });

  it('a server that says nothing', async () => {
    const { port, server } = await startMute();
    const client = new pg.Client({ ...configFor(port), connectionTimeoutMillis: 50 });
    assert.deepEqual(await meaning(client.connect()), TIMEOUT);
    server.close();
  });

  it('a pool that has no connection left', async () => {
    const pool = new pg.Pool({ ...configFor(postgres.port), max: 1, connectionTimeoutMillis: 1_000 });
    const client = await pool.connect();
    assert.deepEqual(await meaning(pool.query('SELECT 1')), TIMEOUT);
    client.release();
    await pool.end();
  });

  for (const [what, query, expected] of [
    ['a statement timeout', 'SET statement_timeout = 20; SELECT pg_sleep(5)', TIMEOUT],
    ['a division by zero', 'SELECT 1 / 0', REFUSED],
    ['no such table', 'SELECT * FROM nowhere', REFUSED],
    ['a broken constraint', 'CREATE TEMP TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (1)', REFUSED],
    ['no syntax', 'SELEKT', REFUSED],
  ] as const) {
    it(what, () => withClient(async (client) => assert.deepEqual(await meaning(client.query(query)), expected)));
  }

  it('a query timeout of the client', () =>
    withClient(async (client) => assert.deepEqual(await meaning(client.query('SELECT pg_sleep(5)')), TIMEOUT), {
      query_timeout: 20,
    }));

  it('a database that is none, and a deadlock', async () => {
    const client = new pg.Client({ ...configFor(postgres.port), database: 'nowhere' });
    assert.deepEqual(await meaning(client.connect()), REFUSED);
    await withClient((one) =>
      withClient(async (other) => {
        await one.query('CREATE TABLE d AS SELECT generate_series(1, 2) AS id');
        for (const [client, id] of [
          [one, 1],
          [other, 2],
        ] as const) {
          await client.query(`BEGIN; SET LOCAL deadlock_timeout = 20; UPDATE d SET id = id WHERE id = ${id}`);
        }
        const both = [one.query('UPDATE d SET id = id WHERE id = 2'), other.query('UPDATE d SET id = id WHERE id = 1')];
        const victim = Promise.all(both);
        assert.deepEqual(await meaning(victim), ['client', 'ignore', true]);
      }),
    );
  });

  it('too many clients', async () => {
    await withClient((client) =>
      client.query('ALTER ROLE postgres CONNECTION LIMIT 100; CREATE ROLE few LOGIN CONNECTION LIMIT 0'),
    );
    assert.deepEqual(await meaning(new pg.Client({ ...configFor(postgres.port), user: 'few' }).connect()), SERVER);
  });

  it('an operator ends the connection', () =>
    withClient((client) =>
      withClient(async (operator) => {
        const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
        const call = meaning(client.query('SELECT pg_sleep(5)'));
        await operator.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
        assert.deepEqual(await call, SERVER);
      }),
    ));

  it('the server is killed in mid-query', () =>
    withClient(async (client) => {
      const call = meaning(client.query('SELECT pg_sleep(5)'));
      await sleeps();
      await postgres.crash();
      const [kind, verdict, retriable] = await call;
      assert.ok(kind === 'server' || kind === 'network', String(kind));
      assert.deepEqual([verdict, retriable], ['failure', true]);
      assert.deepEqual(await meaning(client.query('SELECT 1')), NETWORK);
    }));

  describe('Prisma', () => {
    const folder = path.join(import.meta.dirname, '.work/prisma');
    type Prisma = { $queryRaw: (parts: TemplateStringsArray) => Promise<unknown>; $disconnect(): Promise<void> } & {
      item: { create(given: object): Promise<unknown>; findUniqueOrThrow(given: object): Promise<unknown> };
    };
    let PrismaClient: new (options: object) => Prisma;
    const over = (port: number, more: { statement_timeout?: number } = {}) =>
      new PrismaClient({ adapter: new PrismaPg({ ...configFor(port), ...more }) });

    before(async () => {
      ({ PrismaClient } = await import(pathToFileURL(generate(folder)).href));
      await withClient((client) => client.query('CREATE TABLE "Item" (id int PRIMARY KEY)'));
    });

    it('a refused connection', async () => {
      const prisma = over(await deadPort());
      assert.deepEqual(await meaning(prisma.$queryRaw`SELECT 1`), NETWORK);
      assert.deepEqual(await meaning(prisma.item.create({ data: { id: 1 } })), NETWORK);
      await prisma.$disconnect();
    });

    it('a broken constraint, and nothing found', async () => {
      const prisma = over(postgres.port);
      await prisma.item.create({ data: { id: 1 } });
      assert.deepEqual(await meaning(prisma.item.create({ data: { id: 1 } })), REFUSED);
      assert.deepEqual(await meaning(prisma.item.findUniqueOrThrow({ where: { id: 2 } })), REFUSED);
      await prisma.$disconnect();
    });

    it('a statement timeout', async () => {
      const prisma = over(postgres.port, { statement_timeout: 20 });
      assert.deepEqual(await meaning(prisma.$queryRaw`SELECT pg_sleep(5)::text`), TIMEOUT);
      await prisma.$disconnect();
    });

    it('the server is killed in mid-query', async () => {
      const prisma = over(postgres.port);
      await prisma.$queryRaw`SELECT 1`;
      const call = meaning(prisma.$queryRaw`SELECT pg_sleep(5)::text`);
      await sleeps();
      await postgres.crash();
      const [kind, verdict] = await call;
      assert.ok(kind === 'server' || kind === 'network', String(kind));
      assert.equal(verdict, 'failure');
      await prisma.$disconnect();
    });
  });
});

/** Generates a client of Prisma, without its engine for schemas, which is a download. Returns its entry. */
function generate(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const schema = path.join(folder, 'schema.prisma');
  writeFileSync(
    schema,
    `generator client {
  provider = "prisma-client"
  output = "client"
}
datasource db {
  provider = "postgresql"
}
model Item {
  id Int @id
}
`,
  );
  const program = path.join(import.meta.dirname, 'node_modules/prisma/build/index.js');
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' };
  execFileSync(process.execPath, [program, 'generate', '--schema', schema], { env, cwd: folder, stdio: 'pipe' });
  return path.join(folder, 'client/client.ts');
}

describe('ioredis', () => {
  let server: Server;
  const quick = { lazyConnect: true, maxRetriesPerRequest: 1, retryStrategy: () => 10 } as const;
  const open: Redis[] = [];
  const connect = (port: number, more: object = {}): Redis => {
    const redis = new Redis({ host: '127.0.0.1', port, ...quick, ...more });
    redis.on('error', () => {});
    open.push(redis);
    return redis;
  };
  before(async () => void (server = await startRedis()));
  after(async () => {
    for (const redis of open) redis.disconnect();
    await server.stop();
  });

  it('a refused connection, at once and after its retries', async () => {
    const port = await deadPort();
    assert.deepEqual(await meaning(connect(port, { retryStrategy: () => null }).connect()), NETWORK);
    assert.deepEqual(await meaning(connect(port).get('it')), NETWORK);
  });

  it('a server that says nothing', async () => {
    const { port, server: mute } = await startMute();
    const redis = connect(port, { commandTimeout: 50, enableReadyCheck: false });
    assert.deepEqual(await meaning(redis.get('it')), TIMEOUT);
    redis.disconnect();
    mute.close();
  });

  it('a command that is none, and one for another type', async () => {
    const redis = connect(server.port);
    assert.deepEqual(await meaning(redis.call('NOCOMMAND')), REFUSED);
    await redis.set('text', 'it');
    assert.deepEqual(await meaning(redis.lpush('text', 'it')), REFUSED);
  });

  it('a server without memory, and one that only reads', async () => {
    const redis = connect(server.port);
    await redis.config('SET', 'maxmemory', '1');
    assert.deepEqual(await meaning(redis.set('more', 'it')), SERVER);
    await redis.config('SET', 'maxmemory', '0');
    await redis.call('REPLICAOF', '127.0.0.1', String(await deadPort()));
    assert.deepEqual(await meaning(redis.set('more', 'it')), SERVER);
    await redis.call('REPLICAOF', 'NO', 'ONE');
  });

  it('a connection that was closed', async () => {
    const redis = connect(server.port);
    await redis.get('it');
    redis.disconnect();
    assert.deepEqual(await meaning(redis.get('it')), NETWORK);
  });

  it('the server is killed in mid-command', async () => {
    const redis = connect(server.port, { maxRetriesPerRequest: 0 });
    await redis.get('it');
    const call = meaning(redis.blpop('nothing', 5));
    await server.crash();
    assert.deepEqual(await call, NETWORK);
  });
});
