import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { bullmqQueue } from '@fusewire/bullmq';
import { CircuitOpenError } from 'fusewire';
import type { OperationContext, Queue } from 'fusewire/queue';
import { startRedis } from '../../../../tests/queues/servers.ts';
import type { Server } from '../../../../tests/queues/servers.ts';

const QUICK = { pollInterval: 20, leaseTime: 2_000, retryDelay: 0 };

let server: Server;
let redis: Redis;

before(async () => {
  server = await startRedis();
  redis = new Redis(server.port, '127.0.0.1');
});
after(async () => {
  await redis.quit();
  await server.stop();
});

const connection = () => ({ host: '127.0.0.1', port: server.port });

describe("BullMQ's worker", () => {
  let count = 0;
  const opened: Queue[] = [];
  const open = () => {
    const name = `worker-${++count}`;
    const queue = bullmqQueue<string>({ connection: connection(), name, stalledInterval: 20 });
    opened.push(queue as Queue);
    return { name, queue };
  };
  after(() => Promise.all(opened.map((queue) => queue.close({ timeout: 1_000 }))));

  it('runs a message again when the lock of its process has expired, and counts that as an attempt', async () => {
    const { name, queue } = open();
    await queue.enqueue({ key: 'key', payload: 'payload' });
    await dieWith(name, 1);
    const run = await new Promise<OperationContext>((resolve) => {
      queue.consume(QUICK, (_, context) => resolve(context));
    });
    assert.deepEqual([run.key, run.attempt], ['key', 2]);
  });

  it('runs the messages of a process that died one by one, and the others beside each other', async () => {
    const { name, queue } = open();
    const keys = Array.from({ length: 12 }, (_, index) => `key ${index}`);
    await queue.enqueueAll(keys.map((key) => ({ key, payload: key })));
    await dieWith(name, 4);
    const running = new Set<string>();
    const beside: string[] = [];
    let most = 0;
    const seen: string[] = [];
    const consumer = queue.consume({ ...QUICK, concurrency: 4, pollInterval: 20 }, async (_, { key, attempt }) => {
      if (attempt === 2 && running.size > 0) beside.push(key);
      for (const other of running) if (suspects.has(other)) beside.push(key);
      running.add(key);
      most = Math.max(most, running.size);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running.delete(key);
      seen.push(key);
    });
    const suspects = new Set(keys.slice(0, 4));
    await until(() => seen.length === keys.length);
    assert.deepEqual(seen.toSorted(), keys.toSorted());
    assert.deepEqual(beside, []);
    assert.ok(most > 1, `at most ${most} at a time`);
    await consumer.close();
  });

  it('aborts the operation and reports a lost lease when the lock is gone, and runs the message again', async () => {
    const { name, queue } = open();
    await queue.enqueue({ key: 'key', payload: 'payload' });
    const attempts: number[] = [];
    const consumer = queue.consume(QUICK, async (_, { attempt, signal }) => {
      attempts.push(attempt);
      if (attempt > 1) return;
      for (const key of await redis.keys(`bull:${name}:*:lock`)) await redis.del(key);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    });
    const lost = await new Promise<{ key: string; attempt: number }>((resolve) => consumer.on('leaseLost', resolve));
    assert.deepEqual([lost.key, lost.attempt], ['key', 1]);
    await until(() => consumer.getStats().totalDone === 1);
    assert.deepEqual(attempts, [1, 2]);
    await consumer.close();
  });

  it('renews the lock of an operation that takes longer than its lease', async () => {
    const { queue } = open();
    await queue.enqueue({ key: 'key', payload: 'payload' });
    const consumer = queue.consume(QUICK, () => new Promise((done) => setTimeout(done, 5_000)));
    await until(() => consumer.getStats().totalDone === 1);
    const { totalDone, totalLeasesLost } = consumer.getStats();
    assert.deepEqual({ totalDone, totalLeasesLost }, { totalDone: 1, totalLeasesLost: 0 });
    await consumer.close();
  });

  it('counts no attempt for a call that a breaker rejected', async () => {
    const { queue } = open();
    await queue.enqueue({ key: 'key', payload: 'payload' });
    const attempts: number[] = [];
    const consumer = queue.consume(QUICK, (_, { attempt }) => {
      attempts.push(attempt);
      if (attempts.length < 3) throw new CircuitOpenError('breaker', 'OPEN', 'open', 30);
    });
    await until(() => consumer.getStats().totalDone === 1);
    assert.deepEqual(attempts, [1, 1, 1]);
    assert.equal(consumer.getStats().totalReleased, 2);
    await consumer.close();
  });

  it('starts nothing while it is paused, and goes on after that', async () => {
    const { queue } = open();
    const seen: string[] = [];
    const consumer = queue.consume(QUICK, (_, { key }) => seen.push(key));
    await queue.enqueue({ key: 'first', payload: 'payload' });
    await until(() => seen.length === 1);
    consumer.pause();
    await queue.enqueue({ key: 'second', payload: 'payload' });
    await until(async () => (await queue.size()).waiting === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(seen, ['first']);
    consumer.resume();
    await until(() => seen.length === 2);
    await consumer.close();
  });

  it('waits for an operation that runs when it is closed during a pause', async () => {
    const { queue } = open();
    await queue.enqueue({ key: 'key', payload: 'payload' });
    let end: (() => void) | undefined;
    const consumer = queue.consume(QUICK, () => new Promise<void>((resolve) => (end = resolve)));
    await until(() => end !== undefined);
    consumer.pause();
    const closing = consumer.close({ timeout: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    end?.();
    await closing;
    assert.equal(consumer.getStats().totalDone, 1);
  });

  it('runs a message that another process adds without waiting for the end of pollInterval', async () => {
    const { name, queue } = open();
    const other = bullmqQueue<string>({ connection: connection(), name });
    const seen: string[] = [];
    const consumer = queue.consume({ pollInterval: 3_600_000 }, (_, { key }) => seen.push(key));
    await other.enqueue({ key: 'first', payload: 'payload' });
    await until(() => seen.length === 1);
    await other.enqueue({ key: 'delayed', payload: 'payload', delay: 100 });
    await until(() => seen.length === 2);
    await Promise.all([consumer.close(), other.close()]);
  });

  it('leaves no message locked when consumers are closed while messages come', async () => {
    const { name, queue } = open();
    let isOver = false;
    let added = 0;
    const adding = (async () => {
      while (!isOver) await queue.enqueue({ key: `key ${added++}`, payload: 'payload' });
    })();
    for (let round = 0; round < 10; round++) {
      const consumer = queue.consume({ ...QUICK, concurrency: 4, leaseTime: 3_600_000 }, () => 1);
      await until(() => consumer.getStats().totalDone > 0);
      await consumer.close();
      assert.deepEqual(await redis.keys(`bull:${name}:*:lock`), []);
    }
    isOver = true;
    await adding;
    const seen = new Set<string>();
    const consumer = queue.consume({ ...QUICK, concurrency: 4 }, (_, { key }) => seen.add(key));
    await until(async () => (await queue.size()).oldestAge === null);
    await consumer.close();
  });

  it('keeps the payload once in Redis, and no stack of a failure', async () => {
    const { name, queue } = open();
    const payload = 'a payload that is easy to find';
    await queue.enqueue({ key: 'key', payload });
    const consumer = queue.consume({ ...QUICK, maxAttempts: 5 }, () => {
      throw new Error('down');
    });
    await new Promise((resolve) => consumer.on('buried', resolve));
    await consumer.close();
    const kept = await contents(`bull:${name}*`);
    assert.equal(kept.split(payload).length - 1, 1, kept);
    assert.doesNotMatch(kept, /worker\.test\.ts|at .*\(/);
    const [id] = (await queue.deadLetters()).letters.map((letter) => letter.id.split('/')[1]);
    assert.equal(await redis.hget(`bull:${name}:${id}`, 'stacktrace'), '[]');
  });
});

/** Fetches jobs as a process of BullMQ does that then dies: nobody renews their locks. */
async function dieWith(name: string, jobs: number): Promise<void> {
  const dead = new Worker(name, null, { connection: connection(), lockDuration: 50, autorun: false });
  for (let job = 0; job < jobs; job++) assert.ok(await dead.getNextJob('dead', { block: false }));
  await dead.close(true);
}

/** Returns all that Redis keeps under the keys, as text. */
async function contents(pattern: string): Promise<string> {
  const texts: string[] = [];
  for (const key of await redis.keys(pattern)) {
    const type = await redis.type(key);
    if (type === 'hash') texts.push(JSON.stringify(await redis.hgetall(key)));
    if (type === 'stream') texts.push(JSON.stringify(await redis.xrange(key, '-', '+')));
    if (type === 'string') texts.push(String(await redis.get(key)));
  }
  return texts.join('\n');
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error('not after 60 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
