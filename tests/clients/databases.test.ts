/** Tests the classification of errors that real database clients throw. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { databases, isRetriable, httpErrorKind } from '@fusewire/http';
import type { ErrorKind } from '@fusewire/http';
import { PrismaPg } from '@prisma/adapter-pg';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startPostgres, startRedis } from '../queues/servers.ts';
import type { Server } from '../queues/servers.ts';
import { close, deadPort, listen } from './support.ts';

const classify = databases();

/** Returns the word of the verdict on an error. */
function verdictOn(error: unknown): unknown {
  const verdict = classify({ error });
  return typeof verdict === 'object' ? verdict.verdict : verdict;
}

/** Returns the kind and the verdict of the error that a call rejects with, and whether it is retriable. */
async function classification(call: Promise<unknown>): Promise<readonly [ErrorKind | undefined, unknown, boolean]> {
  const error = await call.then(
    () => assert.fail('the call has resolved, but should have rejected'),
    (reason: unknown) => reason,
  );
  return [httpErrorKind(error), verdictOn(error), isRetriable(error)];
}

const NETWORK = ['network', 'failure', true] as const;
const TIMEOUT = ['timeout', 'failure', true] as const;
const SERVER = ['server', 'failure', true] as const;
const INVALID_QUERY = ['client', 'ignore', false] as const;

/** Starts a TCP server that accepts connections and never sends anything. */
async function startSilentServer() {
  const server = createServer((socket) => socket.resume().on('error', () => {}));
  return { port: await listen(server), server };
}

describe('httpErrorKind() and classify() with pg', () => {
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
  /** Resolves when a query that selects `interrupted` sleeps. */
  const untilSleeping = () =>
    withClient(async (client) => {
      const sleeping = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%interrupted%'";
      while ((await client.query(sleeping)).rowCount === 0);
    });
  before(async () => void (postgres = await startPostgres()));
  after(() => postgres.stop());

  it('classify a refused connection as network', async () => {
    assert.deepEqual(await classification(new pg.Client(configFor(await deadPort())).connect()), NETWORK);
  });

  it('classify a silent server as timeout', async () => {
    const { port, server } = await startSilentServer();
    const client = new pg.Client({ ...configFor(port), connectionTimeoutMillis: 50 });
    assert.deepEqual(await classification(client.connect()), TIMEOUT);
    server.close();
  });

  it('classify an exhausted pool as timeout', async () => {
    const pool = new pg.Pool({ ...configFor(postgres.port), max: 1 });
    const client = await pool.connect();
    // Set after the first connection, which may take longer on a busy machine.
    pool.options.connectionTimeoutMillis = 50;
    assert.deepEqual(await classification(pool.query('SELECT 1')), TIMEOUT);
    client.release();
    await pool.end();
  });

  for (const [fault, query, expected] of [
    ['a statement timeout', 'SET statement_timeout = 20; SELECT pg_sleep(60)', TIMEOUT],
    ['a division by zero', 'SELECT 1 / 0', INVALID_QUERY],
    ['an unknown table', 'SELECT * FROM nowhere', INVALID_QUERY],
    [
      'a constraint violation',
      'CREATE TEMP TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (1)',
      INVALID_QUERY,
    ],
    ['a syntax error', 'SELEKT', INVALID_QUERY],
  ] as const) {
    it(`classify ${fault} as ${expected[0]}`, () =>
      withClient(async (client) => assert.deepEqual(await classification(client.query(query)), expected)));
  }

  it("classify the client's query timeout as timeout", () =>
    withClient(async (client) => assert.deepEqual(await classification(client.query('SELECT pg_sleep(60)')), TIMEOUT), {
      query_timeout: 20,
    }));

  it('classify an unknown database and a deadlock as client', async () => {
    const client = new pg.Client({ ...configFor(postgres.port), database: 'nowhere' });
    assert.deepEqual(await classification(client.connect()), INVALID_QUERY);
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
        assert.deepEqual(await classification(victim), ['client', 'ignore', true]);
      }),
    );
  });

  it('classify too many connections as server', async () => {
    await withClient((client) =>
      client.query('ALTER ROLE postgres CONNECTION LIMIT 100; CREATE ROLE few LOGIN CONNECTION LIMIT 0'),
    );
    assert.deepEqual(
      await classification(new pg.Client({ ...configFor(postgres.port), user: 'few' }).connect()),
      SERVER,
    );
  });

  it('classify a terminated connection as server', () =>
    withClient((client) =>
      withClient(async (operator) => {
        const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
        const call = classification(client.query('SELECT pg_sleep(60)'));
        await operator.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
        assert.deepEqual(await call, SERVER);
      }),
    ));

  it('classify a server that crashes during a query as server or network', () =>
    withClient(async (client) => {
      const call = classification(client.query('SELECT pg_sleep(60) AS interrupted'));
      await untilSleeping();
      await postgres.crash();
      const [kind, verdict, retriable] = await call;
      assert.ok(kind === 'server' || kind === 'network', String(kind));
      assert.deepEqual([verdict, retriable], ['failure', true]);
      assert.deepEqual(await classification(client.query('SELECT 1')), NETWORK);
    }));

  describe('through Prisma', () => {
    const folder = path.join(import.meta.dirname, '.work/prisma');
    type Prisma = { $queryRaw: (parts: TemplateStringsArray) => Promise<unknown>; $disconnect(): Promise<void> } & {
      item: { create(input: object): Promise<unknown>; findUniqueOrThrow(input: object): Promise<unknown> };
    };
    let PrismaClient: new (options: object) => Prisma;
    const connectTo = (port: number, more: { statement_timeout?: number } = {}) =>
      new PrismaClient({ adapter: new PrismaPg({ ...configFor(port), ...more }) });

    before(async () => {
      ({ PrismaClient } = await import(pathToFileURL(generate(folder)).href));
      await withClient((client) => client.query('CREATE TABLE "Item" (id int PRIMARY KEY)'));
    });

    it('classify a refused connection as network', async () => {
      const prisma = connectTo(await deadPort());
      assert.deepEqual(await classification(prisma.$queryRaw`SELECT 1`), NETWORK);
      assert.deepEqual(await classification(prisma.item.create({ data: { id: 1 } })), NETWORK);
      await prisma.$disconnect();
    });

    it('classify a constraint violation and a missing row as client', async () => {
      const prisma = connectTo(postgres.port);
      await prisma.item.create({ data: { id: 1 } });
      assert.deepEqual(await classification(prisma.item.create({ data: { id: 1 } })), INVALID_QUERY);
      assert.deepEqual(await classification(prisma.item.findUniqueOrThrow({ where: { id: 2 } })), INVALID_QUERY);
      await prisma.$disconnect();
    });

    it('classify a statement timeout as timeout', async () => {
      const prisma = connectTo(postgres.port, { statement_timeout: 20 });
      assert.deepEqual(await classification(prisma.$queryRaw`SELECT pg_sleep(60)::text`), TIMEOUT);
      await prisma.$disconnect();
    });

    it('classify a server that crashes during a query as server or network', async () => {
      const prisma = connectTo(postgres.port);
      await prisma.$queryRaw`SELECT 1`;
      const call = classification(prisma.$queryRaw`SELECT pg_sleep(60)::text AS interrupted`);
      await untilSleeping();
      await postgres.crash();
      const [kind, verdict] = await call;
      assert.ok(kind === 'server' || kind === 'network', String(kind));
      assert.equal(verdict, 'failure');
      await prisma.$disconnect();
    });
  });
});

/** Generates a Prisma client without the schema engine, which would be downloaded. Returns its entry file. */
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

describe('httpErrorKind() and classify() with ioredis', () => {
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

  it('classify a refused connection as network, at once and after its retries', async () => {
    const port = await deadPort();
    assert.deepEqual(await classification(connect(port, { retryStrategy: () => null }).connect()), NETWORK);
    assert.deepEqual(await classification(connect(port).get('it')), NETWORK);
  });

  it('classify a silent server as timeout', async () => {
    const { port, server: silent } = await startSilentServer();
    const redis = connect(port, { commandTimeout: 50, enableReadyCheck: false });
    assert.deepEqual(await classification(redis.get('it')), TIMEOUT);
    redis.disconnect();
    await close(silent);
  });

  it('classify an unknown command and a wrong type as client', async () => {
    const redis = connect(server.port);
    assert.deepEqual(await classification(redis.call('NOCOMMAND')), INVALID_QUERY);
    await redis.set('text', 'it');
    assert.deepEqual(await classification(redis.lpush('text', 'it')), INVALID_QUERY);
  });

  it('classify a server out of memory and a read-only server as server', async () => {
    const redis = connect(server.port);
    await redis.config('SET', 'maxmemory', '1');
    assert.deepEqual(await classification(redis.set('more', 'it')), SERVER);
    await redis.config('SET', 'maxmemory', '0');
    await redis.call('REPLICAOF', '127.0.0.1', String(await deadPort()));
    assert.deepEqual(await classification(redis.set('more', 'it')), SERVER);
    await redis.call('REPLICAOF', 'NO', 'ONE');
  });

  it('classify a closed connection as network', async () => {
    const redis = connect(server.port);
    await redis.get('it');
    redis.disconnect();
    assert.deepEqual(await classification(redis.get('it')), NETWORK);
  });

  it('classify a server that crashes during a command as network', async () => {
    const redis = connect(server.port, { maxRetriesPerRequest: 0 });
    await redis.get('it');
    const call = classification(redis.blpop('nothing', 60));
    await server.crash();
    assert.deepEqual(await call, NETWORK);
  });
});
