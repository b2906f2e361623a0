import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { pgBossQueue } from '@fusewire/pg-boss';
import { queueContract } from '@fusewire/testing/queue';
import { startPostgres } from '../../../../tests/queues/servers.ts';
import type { Server } from '../../../../tests/queues/servers.ts';
import { addsInTransactions } from '../../../../tests/queues/transactions.ts';
import { until } from '../../../../tests/queues/until.ts';

let server: Server;
let boss: PgBoss;
const url = () => `postgres://postgres@127.0.0.1:${server.port}/postgres`;
const somewhere = { connectionString: 'postgres://127.0.0.1' };

before(async () => {
  server = await startPostgres();
  boss = await new PgBoss({ connectionString: url(), schedule: false }).start();
});
after(async () => {
  await boss.stop({ graceful: false });
  await server.stop();
});

queueContract({
  name: 'pg-boss',
  open: (name, limits) => pgBossQueue({ boss, name, ...limits }),
  durable: true,
  groups: false,
  invalidOptions: [
    ['boss', () => pgBossQueue({})],
    ['boss', () => pgBossQueue({ boss: {} as never })],
    ['boss', () => pgBossQueue({ boss: 'postgres://user:secret@127.0.0.1/orders' as never })],
    ['connectionString', () => pgBossQueue({ connectionString: '' })],
    ['schema', () => pgBossQueue({ ...somewhere, schema: 'a"; DROP TABLE b' })],
    ['name', () => pgBossQueue({ ...somewhere, name: 'a/b' })],
    ['name', () => pgBossQueue({ ...somewhere, name: 1 as never })],
    ['heartbeatSeconds', () => pgBossQueue({ ...somewhere, heartbeatSeconds: 9 })],
    ['heartbeatSeconds', () => pgBossQueue({ ...somewhere, heartbeatSeconds: 10.5 })],
    ['maxSize', () => pgBossQueue({ ...somewhere, maxSize: 0 })],
    ['url', () => pgBossQueue({ url: 'postgres://user:secret@127.0.0.1/orders' } as never)],
    ['options', () => pgBossQueue(undefined as never)],
  ],
});

describe('pgBossQueue()', () => {
  it('starts pg-boss for a connectionString with the first use, in the schema, and stops it', async () => {
    const queue = pgBossQueue({ connectionString: url(), schema: 'own_schema', name: 'orders' });
    await queue.enqueue({ key: 'key', payload: { some: 'object' }, topic: 'mails' });
    const own = new pg.Pool({ connectionString: url() });
    const { rows } = await own.query('SELECT name, data FROM own_schema.job WHERE name = $1', ['orders/mails']);
    assert.equal(rows[0].data.payload, '{"some":"object"}');
    const payload = await new Promise((resolve) => queue.consume({ topic: 'mails', pollInterval: 20 }, resolve));
    assert.deepEqual(payload, { some: 'object' });
    await queue.close();
    await own.end();
  });

  addsInTransactions(url, () => pgBossQueue({ boss, name: 'transactions' }));

  it('adds a message again that somebody has cancelled or completed with pg-boss', async () => {
    const queue = pgBossQueue({ boss, name: 'elsewhere' });
    for (const method of ['cancel', 'complete'] as const) {
      const { id } = await queue.enqueue({ key: method, payload: 'old' });
      if (method === 'complete') await boss.fetch('elsewhere/default', { batchSize: 10 });
      await boss[method]('elsewhere/default', id);
      assert.equal((await queue.enqueue({ key: method, payload: 'new' })).status, 'new');
    }
    const { waiting, running } = await queue.size();
    assert.equal(waiting + running, 2);
    await queue.close();
  });

  it('settles a fetch that pg-boss has taken away as lost, and changes nothing', async () => {
    const queue = pgBossQueue({ boss, name: 'lost' });
    const { id } = await queue.enqueue({ key: 'key', payload: 1 });
    let end: (() => void) | undefined;
    const consumer = queue.consume({ pollInterval: 20 }, () => new Promise<void>((resolve) => (end = resolve)));
    const lost = new Promise((resolve) => consumer.on('leaseLost', resolve));
    await until(async () => end !== undefined);
    consumer.pause();
    await boss.fail('lost/default', id);
    end?.();
    await lost;
    assert.equal((await queue.size()).waiting, 1);
    await queue.close();
  });

  it('rejects every call while the server is away', async () => {
    const broken = pgBossQueue({ connectionString: 'postgres://postgres@127.0.0.1:1/postgres' });
    await assert.rejects(broken.enqueue({ key: 'key', payload: 1 }), /ECONNREFUSED/);
    await assert.rejects(broken.size(), /ECONNREFUSED/);
    await broken.close();
  });
});
