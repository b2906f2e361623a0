import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { isRejection } from 'fusewire';
import { queueOver } from 'fusewire/kit';
import type { QueueLimits, QueueStore, StoreCheck } from 'fusewire/kit';
import { memoryQueue } from 'fusewire/queue';
import type { Queue } from 'fusewire/queue';
import { MemoryQueueStore } from '../src/queue/memory-queue.ts';
import { rejection, runScript } from './support.ts';
import { settle } from './support-queued.ts';

const LIMITS: QueueLimits = { maxSize: Infinity, maxPayload: 1_000, maxDeadAge: Infinity };
const QUICK = { pollInterval: 100, retryDelay: 0, leaseTime: 3_000 };

/** Creates a queue over a store in memory with some other methods. */
function queueWith(methods: Partial<QueueStore>, limits: Partial<QueueLimits> = {}): Queue<string> {
  return queueOver<string>(Object.assign(new MemoryQueueStore(), methods), { ...LIMITS, ...limits });
}

async function pass(milliseconds: number, step = 50): Promise<void> {
  await settle();
  for (let passed = 0; passed < milliseconds; passed += step) {
    mock.timers.tick(step);
    await settle();
  }
}

/** Adds messages whose operations fail, so that they become dead letters. */
async function bury(queue: Queue<string>, ...keys: readonly string[]): Promise<void> {
  await queue.enqueueAll(keys.map((key) => ({ key, payload: key })));
  const consumer = queue.consume({ ...QUICK, maxAttempts: 1 }, () => Promise.reject(new Error('down')));
  consumer.on('buried', () => undefined);
  await settle();
  await consumer.close();
}

describe('a queue', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('deletes old dead letters again after the store has failed', async () => {
    const discard = MemoryQueueStore.prototype.discard;
    let failures = 2;
    const queue = queueWith(
      {
        discard: async function (this: MemoryQueueStore, filter, limit) {
          if (failures-- > 0) throw Object.assign(new Error('cut'), { code: 'ECONNRESET' });
          return discard.call(this, filter, limit);
        },
      },
      { maxDeadAge: 10_000 },
    );
    await bury(queue, 'one', 'two');
    const consumer = queue.consume(QUICK, () => 1);
    const events: unknown[] = [];
    consumer.on('expired', (event) => events.push(event));
    consumer.on('fault', ({ action }) => events.push(action));
    await pass(9_000, 500);
    assert.deepEqual(events, ['expire', 'expire']);
    assert.equal((await queue.size()).dead, 2);
    await pass(2_000, 500);
    assert.deepEqual(events.slice(2), [{ topic: 'default', count: 2 }]);
    assert.equal((await queue.size()).dead, 0);
    await consumer.close();
    mock.timers.tick(100_000);
    assert.equal(consumer.getStats().totalExpired, 2);
  });

  it('keeps dead letters for ever without maxDeadAge', async () => {
    const queue = queueWith({});
    await bury(queue, 'one');
    const consumer = queue.consume(QUICK, () => 1);
    await pass(200_000, 20_000);
    assert.equal((await queue.size()).dead, 1);
    await consumer.close();
  });

  it('reports a fault by its code and not by its text, and an outage', async () => {
    let failures = 1;
    const queue = queueWith({
      claim: async function (this: MemoryQueueStore, ...args) {
        if (failures-- > 0) throw Object.assign(new Error('no route to user:secret@host'), { code: 'EHOSTUNREACH' });
        return MemoryQueueStore.prototype.claim.apply(this, args);
      },
    } as Partial<QueueStore>);
    await queue.enqueueAll(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ({ key, payload: key })));
    const consumer = queue.consume({ ...QUICK, retryDelay: 1_000 }, () => Promise.reject(new Error('secret')));
    consumer.on('fault', () => undefined);
    await pass(2_000, 100);
    const health = await queue.health();
    assert.deepEqual([health.status, health.durability], ['degraded', 'nothing']);
    assert.deepEqual([health.lastFault?.action, health.lastFault?.code], ['claim', 'EHOSTUNREACH']);
    assert.deepEqual(health.problems, [
      'The consumer of topic default pauses, because every operation fails.',
      'The store failed 2 s ago at the step claim (EHOSTUNREACH).',
    ]);
    assert.doesNotMatch(JSON.stringify(health), /secret/);
    await consumer.close();
    // The fault is remembered, and soon no problem any more.
    await pass(70_000, 10_000);
    const later = await queue.health();
    assert.deepEqual([later.status, later.problems], ['ok', []]);
    assert.equal(later.lastFault?.code, 'EHOSTUNREACH');
  });

  it('reports a store that hangs as one that does not answer', async () => {
    const queue = queueWith({ size: () => new Promise(() => undefined) });
    const health = queue.health();
    await pass(5_000, 1_000);
    assert.deepEqual([(await health).status, (await health).size], ['error', null]);
  });

  it('counts in memory with a clock that never jumps', async () => {
    let now = 0;
    const store = new MemoryQueueStore(() => now);
    const message = { topic: 'default', payload: '1', priority: 2, revives: true, group: null };
    await store.insert([{ ...message, key: 'delayed', delay: 1_000 }], { room: 1 });
    // The clock of the machine is set back, and forward.
    mock.timers.setTime(1_600_000_000_000);
    now += 999;
    assert.equal((await store.claim('default', 1, 'token', 500)).length, 0);
    now += 1;
    assert.equal((await store.claim('default', 1, 'token', 500)).length, 1);
    mock.timers.setTime(1_800_000_000_000);
    assert.equal((await store.size(undefined)).running, 1);
    now += 501;
    assert.equal((await store.claim('default', 1, 'token', 500))[0]?.abandoned, 1);
  });

  it('rejects with an error that no breaker counts when it is full', async () => {
    const queue = memoryQueue({ maxSize: 1 });
    await queue.enqueue({ key: 'one', payload: 1 });
    const error = await rejection(queue.enqueue({ key: 'two', payload: 1 }));
    assert.ok(isRejection(error));
    assert.equal(error.reason, 'full');
  });
});

it('a queue warns once of settings that endanger its messages, when a consumer starts', () => {
  const check: StoreCheck = { durability: 'process', problems: ['The setting fsync is off.'], unknown: ['Nothing.'] };
  const { stdout } = runScript(
    `import { queueOver } from 'fusewire/kit';
    process.on('warning', ({ message }) => console.log(message));
    const nothing = async () => [];
    const store = { claim: nothing, close: nothing, check: async () => (${JSON.stringify(check)}) };
    const queue = queueOver(store);
    for (const topic of ['a', 'b']) queue.consume({ topic }, () => 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await queue.close();`,
    '--no-warnings',
  );
  assert.equal(stdout, 'Queue: The setting fsync is off.');
});
