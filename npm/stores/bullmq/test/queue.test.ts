import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { Redis } from 'ioredis';
import { bullmqQueue } from '@fusewire/bullmq';
import { until } from '../../../../tests/queues/until.ts';
import { queueContract } from '@fusewire/testing/queue';
import { startRedis } from '../../../../tests/queues/servers.ts';
import type { Server } from '../../../../tests/queues/servers.ts';

let server: Server;
const connection = { host: '127.0.0.1', port: 1 };

before(async () => void (server = await startRedis()));
after(() => server.stop());

queueContract({
  name: 'BullMQ',
  open: (name, limits) => {
    const connection = { host: '127.0.0.1', port: server.port };
    return bullmqQueue({ connection, name, stalledInterval: 20, ...limits });
  },
  durable: true,
  groups: false,
  invalidOptions: [
    ['connection', () => bullmqQueue({} as never)],
    ['connection', () => bullmqQueue({ connection: 'redis://127.0.0.1' as never })],
    ['connection', () => bullmqQueue({ connection: 'redis://:secret@127.0.0.1' as never })],
    ['connection', () => bullmqQueue({ connection: null as never })],
    ['name', () => bullmqQueue({ connection, name: '' })],
    ['name', () => bullmqQueue({ connection, name: 'a:b' })],
    ['name', () => bullmqQueue({ connection, name: 1 as never })],
    ['prefix', () => bullmqQueue({ connection, prefix: '' })],
    ['prefix', () => bullmqQueue({ connection, prefix: null as never })],
    ['stalledInterval', () => bullmqQueue({ connection, stalledInterval: 9 })],
    ['stalledInterval', () => bullmqQueue({ connection, stalledInterval: '5' as never })],
    ['maxSize', () => bullmqQueue({ connection, maxSize: 0 })],
    ['url', () => bullmqQueue({ connection, url: 'redis://127.0.0.1' } as never)],
    ['options', () => bullmqQueue(undefined as never)],
  ],
});

describe('bullmqQueue()', () => {
  it('uses a client of ioredis, and leaves it open', async () => {
    const client = new Redis(server.port, '127.0.0.1', { maxRetriesPerRequest: null });
    const queue = bullmqQueue({ connection: client, prefix: 'own', name: 'orders' });
    await queue.enqueue({ key: 'key', payload: { some: 'object' } });
    assert.equal(await client.llen('own:orders:wait'), 1);
    const payload = await new Promise((resolve) => queue.consume({}, resolve));
    assert.deepEqual(payload, { some: 'object' });
    await queue.close();
    assert.equal(await client.llen('own:orders:wait'), 0);
    await client.quit();
  });

  it('reports settings of Redis that endanger messages, and those that it does not tell', async () => {
    const own = { host: '127.0.0.1', port: server.port };
    const admin = new Redis(own);
    const healthOf = async (connection: object = own) => {
      const queue = bullmqQueue({ connection });
      const { status, durability, problems, unknown } = await queue.health();
      await queue.close();
      return [status, durability, ...problems, ...unknown];
    };
    assert.deepEqual(await healthOf(), ['ok', 'power loss']);
    await admin.config('SET', 'appendfsync', 'everysec');
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    assert.deepEqual(await healthOf(), [
      ...['degraded', 'process'],
      'The setting maxmemory-policy is allkeys-lru, not noeviction: Redis may delete messages.',
      'The setting appendfsync is everysec, not always: a crash of the machine loses the latest messages.',
    ]);
    await admin.config('SET', 'appendfsync', 'always');
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    await admin.config('SET', 'appendonly', 'no');
    assert.deepEqual(await healthOf(), [
      ...['degraded', 'process'],
      'The setting appendonly is no: a crash of Redis loses the messages since its last snapshot.',
    ]);
    await admin.config('SET', 'appendonly', 'yes');
    // Managed servers forbid commands that change or show settings.
    await admin.call('ACL', 'SETUSER', 'managed', 'on', '>secret', '~*', '&*', '+@all', '-config');
    const managed = { ...own, username: 'managed', password: 'secret' };
    assert.deepEqual(await healthOf(managed), ['ok', 'unknown', 'Redis does not report appendfsync.']);
    await admin.quit();
    assert.deepEqual(await healthOf(connection), ['error', 'unknown', 'The store does not answer.']);
  });

  it('does not hold a message back for longer than its delay where the clock of the machine is set back', async () => {
    const queue = bullmqQueue({ connection: { host: '127.0.0.1', port: server.port }, name: 'clock' });
    const failing = queue.consume({ pollInterval: 20, retryDelay: 50, maxRetryDelay: 50 }, () => {
      throw new Error('down');
    });
    await queue.enqueue({ key: 'failed', payload: 1 });
    await new Promise((resolve) => failing.on('failed', resolve));
    await failing.close();
    await queue.enqueue({ key: 'delayed', payload: 1, delay: 100 });
    await queue.enqueue({ key: 'far', payload: 1, delay: 7_200_000 });
    const now = Date.now.bind(Date);
    mock.method(Date, 'now', () => now() - 3_600_000);
    try {
      const keys: string[] = [];
      const consumer = queue.consume({ pollInterval: 20 }, (_, { key }) => void keys.push(key));
      await until(async () => keys.length === 2);
      assert.deepEqual(keys.toSorted(), ['delayed', 'failed']);
      assert.equal((await queue.size()).waiting, 1);
      await consumer.close();
    } finally {
      mock.restoreAll();
    }
    await queue.close();
  });

  it('rejects enqueue() while the server is away', async () => {
    const queue = bullmqQueue({ connection });
    await assert.rejects(queue.enqueue({ key: 'key', payload: 1 }), { name: 'MaxRetriesPerRequestError' });
    await queue.close();
  });

  it('closes while the server is away, with a consumer', async () => {
    const queue = bullmqQueue({ connection });
    const consumer = queue.consume({ pollInterval: 10 }, () => 1);
    consumer.on('fault', () => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    await queue.close({ timeout: 10 });
    assert.equal(consumer.getStats().state, 'closed');
  });
});
