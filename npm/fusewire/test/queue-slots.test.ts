import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { queueOver } from 'fusewire/kit';
import { MemoryQueueStore } from '../src/queue/memory-queue.ts';
import { settle } from './support-queued.ts';

/** Store whose completions wait until a test settles them. */
class SlowStore extends MemoryQueueStore {
  readonly completions: { resolve: () => void; reject: (error: Error) => void }[] = [];

  override async complete(id: string, token: string): Promise<boolean> {
    await new Promise<void>((resolve, reject) => this.completions.push({ resolve, reject }));
    return super.complete(id, token);
  }
}

describe('the slots of a consumer', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('are free while a completion is under way, and taken again when it has failed', async () => {
    const store = new SlowStore();
    const queue = queueOver<string>(store);
    const keys = Array.from({ length: 6 }, (_, index) => `key ${index}`);
    await queue.enqueueAll(keys.map((key) => ({ key, payload: key })));
    const started: string[] = [];
    let end = () => {};
    const consumer = queue.consume({ concurrency: 1 }, (key) => {
      started.push(key);
      return new Promise<void>((resolve) => (end = resolve));
    });
    consumer.on('fault', () => undefined);
    await settle();
    end();
    await settle();
    assert.deepEqual([started, store.completions.length], [keys.slice(0, 2), 1]);
    assert.equal(consumer.getStats().running, 1);
    store.completions[0]?.reject(new Error('connection cut'));
    end();
    await settle();
    store.completions[1]?.resolve();
    await settle();
    assert.deepEqual([started, consumer.getStats().totalDone], [keys.slice(0, 2), 1]);
    mock.timers.tick(100);
    await settle();
    store.completions[2]?.resolve();
    await settle();
    assert.deepEqual([started, consumer.getStats().totalDone], [keys.slice(0, 3), 2]);
    const closing = consumer.close({ timeout: 0 });
    for (let passed = 0; passed < 2_000; passed += 100) {
      mock.timers.tick(100);
      await settle();
    }
    await closing;
  });
});
