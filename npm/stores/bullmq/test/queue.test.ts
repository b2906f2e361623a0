import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { bullmqQueue } from '@fusewire/bullmq';
import { queueContract } from '@fusewire/testing/queue';
import { startRedis } from '../../../../tests/queues/servers.ts';
import type { Server } from '../../../../tests/queues/servers.ts';

let server: Server;
const connection = { host: '127.0.0.1', port: 1 };

before(async () => void (server = await startRedis()));
after(() => server.stop());

queueContract({
  name: 'BullMQ',
  open: (name) => bullmqQueue({ connection: { host: '127.0.0.1', port: server.port }, name, stalledInterval: 20 }),
  durable: true,
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
