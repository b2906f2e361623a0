import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { queueOver } from 'fusewire/kit';
import type { ConsumeOptions, OperationContext } from 'fusewire/queue';
import { MemoryQueueStore } from '../src/queue/memory-queue.ts';
import { settle } from './support-queued.ts';

const QUICK = { pollInterval: 100, retryDelay: 0, leaseTime: 3_000 };

/** Store whose answers to claims may be late. */
class LateStore extends MemoryQueueStore {
  /** Answers that are held up, each with the function that delivers it. */
  readonly late: (() => void)[] = [];
  isLate = false;
  takesBack = true;
  completes = true;

  override async claim(...args: Parameters<MemoryQueueStore['claim']>) {
    const messages = await super.claim(...args);
    if (this.isLate) await new Promise<void>((resolve) => this.late.push(resolve));
    return messages;
  }

  override complete(...args: Parameters<MemoryQueueStore['complete']>) {
    return this.completes ? super.complete(...args) : new Promise<boolean>(() => undefined);
  }

  override putBack(...args: Parameters<MemoryQueueStore['putBack']>) {
    return this.takesBack ? super.putBack(...args) : new Promise<boolean>(() => undefined);
  }
}

async function queueOf(keys: readonly string[]) {
  const store = new LateStore();
  const queue = queueOver<string>(store);
  for (const key of keys) await queue.enqueue({ key, payload: key });
  const consume = (options: ConsumeOptions, handler: (key: string, context: OperationContext) => unknown) => {
    const consumer = queue.consume({ ...QUICK, ...options }, handler);
    consumer.on('fault', () => undefined);
    return consumer;
  };
  return { queue, store, consume };
}

async function pass(milliseconds: number, step = 50): Promise<void> {
  await settle();
  for (let passed = 0; passed < milliseconds; passed += step) {
    mock.timers.tick(step);
    await settle();
  }
}

describe('a consumer that is cut off or suspended', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('goes on when the store never answers a claim', async () => {
    const { queue, store, consume } = await queueOf(['one', 'two']);
    store.isLate = true;
    const consumer = consume({}, () => undefined);
    await pass(1_000);
    store.isLate = false;
    await pass(10_000);
    assert.deepEqual([consumer.getStats().totalDone, consumer.getStats().totalFaults], [2, 1]);
    assert.equal((await queue.size()).oldestAge, null);
    await consumer.close();
  });

  it('goes on when the store never takes a message back', async () => {
    const { queue, store, consume } = await queueOf(['suspect', 'other']);
    assert.equal((await store.claim('default', 1, 'of a process that dies', 100)).length, 1);
    mock.timers.setTime(Date.now() + 200);
    store.takesBack = false;
    const consumer = consume({ concurrency: 2 }, () => undefined);
    await pass(20_000);
    assert.deepEqual([consumer.getStats().totalDone, (await queue.size()).oldestAge], [2, null]);
    await consumer.close();
  });

  it('repeats a settlement that the store never answers', async () => {
    const { queue, store, consume } = await queueOf(['one', 'two']);
    store.completes = false;
    const consumer = consume({}, () => undefined);
    await pass(500);
    store.completes = true;
    await pass(3_000);
    assert.deepEqual([consumer.getStats().totalDone, (await queue.size()).oldestAge], [2, null]);
    await consumer.close();
  });

  it('starts no operation whose lease was over before the claim was answered, and gives it back', async () => {
    for (const isTaken of [true, false]) {
      const { store, consume } = await queueOf(['key']);
      store.isLate = true;
      const attempts: number[] = [];
      const consumer = consume({}, (_, { attempt }) => attempts.push(attempt));
      await settle();
      store.isLate = false;
      mock.timers.setTime(Date.now() + 3_100);
      if (isTaken) assert.equal((await store.claim('default', 1, 'theirs', 60_000)).length, 1);
      for (const deliver of store.late) deliver();
      await pass(1_000);
      assert.deepEqual(attempts, isTaken ? [] : [1]);
      await consumer.close();
    }
  });

  it('does not claim the message of its own operation again', async () => {
    const { store, consume } = await queueOf(['key']);
    const attempts: number[] = [];
    let finish = (_: unknown): void => undefined;
    const consumer = consume({ concurrency: 2 }, (_, { attempt }) => {
      attempts.push(attempt);
      return new Promise((resolve) => (finish = resolve));
    });
    await pass(200);
    mock.timers.setTime(Date.now() + 10_000);
    await pass(500);
    finish(1);
    await settle();
    assert.deepEqual(
      [attempts, consumer.getStats().totalDone, (await store.size(undefined)).oldestAge],
      [[1], 1, null],
    );
    await consumer.close();
  });
});
