/** Tests of what a queue offers besides single messages: batches, limits, groups, dead letters and health. */
import assert from 'node:assert/strict';
import { QueueFullError } from 'fusewire/queue';
import type { Consumer, DeadLetter, Queue, QueueMessage, QueueOptions } from 'fusewire/queue';
import type { QueueDriver, TestRunner } from './driver.ts';
import { until } from './until.ts';

const LONG = 3_600_000;
/** Options of consumers that look for messages often. */
const QUICK = { pollInterval: 20, leaseTime: 2_000, retryDelay: 0 };

/** Declares the tests of batches, limits, groups, dead letters and health. */
export function managesMessages(subject: QueueDriver, { describe, it, before, after }: TestRunner): void {
  describe(`a queue in ${subject.name}: batches, limits, groups and dead letters`, () => {
    let count = 0;
    const opened: Queue[] = [];
    const open = (limits: QueueOptions = {}, name = `managed_${process.pid}_${++count}`) => {
      const queue = subject.open(name, limits);
      opened.push(queue);
      return queue;
    };
    before(() => subject.start?.());
    after(() => Promise.all(opened.map((queue) => queue.close({ timeout: 1_000 }))));

    it('adds a batch of messages, with receipts and runs in its order', async () => {
      const queue = open();
      await queue.enqueue({ key: 'c', payload: 'earlier' });
      const batch = ['e', 'd', 'c', 'b', 'a', 'd'].map((key, index) => ({ key, payload: index }));
      const receipts = await queue.enqueueAll([...batch, { key: 'a', payload: 'other', topic: 'other' }]);
      assert.deepEqual(
        receipts.map(({ key, topic, status }) => `${topic} ${key} ${status}`),
        [
          ...['default e new', 'default d new', 'default c waiting', 'default b new', 'default a new'],
          ...['default d waiting', 'other a new'],
        ],
      );
      assert.equal(receipts[1]?.id, receipts[5]?.id);
      assert.equal(new Set(receipts.map(({ id }) => id)).size, 6);
      const seen: unknown[] = [];
      const consumer = queue.consume(QUICK, (payload) => seen.push(payload));
      await until(async () => seen.length === 5);
      assert.deepEqual(seen, ['earlier', 0, 1, 3, 4]);
      await consumer.close();
    });

    it('adds a batch of a thousand messages', async () => {
      const queue = open();
      const batch = Array.from({ length: 1_000 }, (_, index) => ({ key: `key ${index}`, payload: index }));
      const receipts = await queue.enqueueAll(batch);
      assert.deepEqual(
        receipts.map(({ key }) => key),
        batch.map(({ key }) => key),
      );
      assert.equal((await queue.size()).waiting, 1_000);
      assert.deepEqual(await queue.enqueueAll([]), []);
    });

    it('revives dead letters by a batch, unless a message keeps them', async () => {
      const queue = open();
      await bury(queue, ['revived', 'kept']);
      const receipts = await queue.enqueueAll([
        { key: 'revived', payload: 'new' },
        { key: 'kept', payload: 'new', ifDead: 'keep' },
        { key: 'kept', payload: 'new', topic: 'other', ifDead: 'keep' },
        { key: 'third', payload: 'new' },
      ]);
      assert.deepEqual(
        receipts.map(({ status }) => status),
        ['revived', 'dead', 'new', 'new'],
      );
      const { waiting, dead } = await queue.size();
      assert.deepEqual([waiting, dead], [3, 1]);
    });

    it('accepts each key once when many batches with the same keys come at the same time', async () => {
      const queue = open();
      const keys = Array.from({ length: 30 }, (_, index) => `key ${index}`);
      const receipts = await Promise.all(
        Array.from({ length: 8 }, (_, who) => {
          const order = who % 2 === 0 ? keys : keys.toReversed();
          return queue.enqueueAll(order.map((key) => ({ key, payload: who })));
        }),
      );
      assert.equal(receipts.flat().filter(({ status }) => status === 'new').length, keys.length);
      assert.equal((await queue.size()).waiting, keys.length);
    });

    it('adds nothing of a batch with an invalid message, and names that', async () => {
      const queue = open();
      const valid = { key: 'key', payload: 1 };
      for (const [wrong, kind] of [
        [{ key: 1, payload: 1 }, TypeError],
        [{ key: 'other', payload: undefined }, TypeError],
        [{ key: 'other', payload: 1, delay: -1 }, RangeError],
        [undefined, TypeError],
      ] as const) {
        await assert.rejects(queue.enqueueAll([valid, wrong as never]), (error) => {
          assert.ok(error instanceof kind);
          return error.message.startsWith('Queue: messages[1]: ');
        });
      }
      for (const messages of [undefined, null, 1, {}, 'text']) {
        await assert.rejects(queue.enqueueAll(messages as never), TypeError);
      }
      await assert.rejects(queue.enqueueAll(Array.from({ length: 10_001 }, () => valid)), RangeError);
      assert.equal((await queue.size()).waiting, 0);
    });

    it('rejects what exceeds maxSize, with the numbers, and has room again when messages are done', async () => {
      const queue = open({ maxSize: 3 });
      await queue.enqueueAll(['one', 'two'].map((key) => ({ key, payload: 1 })));
      const refused = await rejectionOf(queue.enqueueAll(['three', 'four'].map((key) => ({ key, payload: 1 }))));
      assert.ok(refused instanceof QueueFullError);
      assert.deepEqual([refused.size, refused.maxSize, refused.code], [2, 3, 'ERR_QUEUE_FULL']);
      await queue.enqueue({ key: 'three', payload: 1 });
      assert.ok((await rejectionOf(queue.enqueue({ key: 'four', payload: 1 }))) instanceof QueueFullError);
      assert.equal((await queue.enqueue({ key: 'three', payload: 1 })).status, 'waiting');
      const consumer = queue.consume(QUICK, () => 1);
      await until(async () => consumer.getStats().totalDone === 3);
      assert.equal((await queue.enqueue({ key: 'four', payload: 1 })).status, 'new');
      await consumer.close();
    });

    it('accepts no more than maxSize of many messages that come at the same time', async () => {
      const queue = open({ maxSize: 10 });
      const results = await Promise.allSettled(
        Array.from({ length: 40 }, (_, index) => queue.enqueue({ key: `key ${index}`, payload: 1 })),
      );
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 10);
      assert.equal((await queue.size()).waiting, 10);
    });

    it('rejects a payload that exceeds maxPayload in bytes, without showing it', async () => {
      const queue = open({ maxPayload: 20 });
      await queue.enqueue({ key: 'fits', payload: 'x'.repeat(18) });
      for (const payload of ['x'.repeat(19), 'ü'.repeat(10)]) {
        await assert.rejects(queue.enqueue({ key: 'large', payload }), (error) => {
          assert.ok(error instanceof RangeError);
          assert.match(error.message, /payload has 2[12] bytes as JSON; maxPayload is 20$/);
          return true;
        });
      }
      const mebibyte = 'x'.repeat(1_048_576);
      await assert.rejects(open().enqueue({ key: 'large', payload: mebibyte }), /maxPayload is 1048576$/);
      await open().enqueue({ key: 'fits', payload: mebibyte.slice(2) });
    });

    it('returns dead letters page by page, in the order in which they died or the newest first', async () => {
      const queue = open();
      const keys = Array.from({ length: 7 }, (_, index) => `key ${index}`);
      for (const key of keys.toReversed()) await bury(queue, [key]);
      const paged = async (newestFirst: boolean) => {
        const pages: string[][] = [];
        for (let after: string | undefined; ;) {
          const { letters, next } = await queue.deadLetters({ limit: 3, after, newestFirst });
          pages.push(letters.map(({ key }) => key));
          if (next === null) return pages;
          after = next;
        }
      };
      const died = keys.toReversed();
      assert.deepEqual(await paged(false), [died.slice(0, 3), died.slice(3, 6), died.slice(6)]);
      assert.deepEqual(await paged(true), [keys.slice(0, 3), keys.slice(3, 6), keys.slice(6)]);
      const { letters, next } = await queue.deadLetters({ limit: 3 });
      // The page goes on where the last one ended, although its letters are gone.
      assert.equal(await queue.discardAll({ ids: letters.map(({ id }) => id) }), 3);
      const second = await queue.deadLetters({ limit: 3, after: String(next) });
      assert.deepEqual(keysOf(second.letters), died.slice(3, 6));
      assert.ok(second.letters.every(({ age, deadFor }) => age >= 0 && deadFor >= 0 && deadFor < LONG));
    });

    it('selects dead letters by topic, ids, error and age', async () => {
      const queue = open();
      await bury(queue, ['a', 'b'], 'mails', 'ECONNREFUSED 100%_x');
      await bury(queue, ['c', 'd'], 'charges', 'card declined');
      const { letters } = await queue.deadLetters();
      const idOf = (key: string) => String(letters.find((letter) => letter.key === key)?.id);
      for (const [filter, keys] of [
        [{ topic: 'mails' }, ['a', 'b']],
        [{ error: 'declined' }, ['c', 'd']],
        [{ error: 'Declined' }, []],
        [{ error: '100%_' }, ['a', 'b']],
        [{ error: '1%' }, []],
        [{ ids: [idOf('a'), idOf('d'), 'no such id'] }, ['a', 'd']],
        [{ ids: [idOf('a'), idOf('d')], topic: 'charges' }, ['d']],
        [{ ids: [] }, []],
        [{ olderThan: 0 }, ['a', 'b', 'c', 'd']],
        [{ olderThan: LONG }, []],
      ] as const) {
        assert.deepEqual(keysOf((await queue.deadLetters(filter)).letters).toSorted(), keys);
      }
      assert.equal(await queue.reviveAll({ topic: 'mails', olderThan: LONG }), 0);
      assert.equal(await queue.reviveAll({ topic: 'mails', error: 'ECONNREFUSED' }), 2);
      assert.equal((await queue.size('mails')).waiting, 2);
      assert.equal(await queue.discardAll({ ids: [idOf('c')] }), 1);
      assert.equal(await queue.discardAll({ all: true }), 1);
      const { waiting, dead } = await queue.size();
      assert.deepEqual([waiting, dead], [2, 0]);
    });

    it('revives and discards more dead letters than one step of the store takes', async () => {
      const queue = open();
      const keys = Array.from({ length: 1_200 }, (_, index) => `key ${index}`);
      await bury(queue, keys);
      assert.equal(await queue.reviveAll({ topic: 'default' }), keys.length);
      assert.equal((await queue.size()).waiting, keys.length);
      await bury(queue, []);
      assert.equal(await queue.discardAll({ all: true }), keys.length);
      assert.equal((await queue.size()).oldestAge, null);
    });

    it('rejects a selection that is empty or misspelt, and invalid pages', async () => {
      const queue = open();
      await bury(queue, ['key']);
      const invalid: [object, typeof TypeError | typeof RangeError][] = [
        ...[{}, { topic: undefined }].map((selection) => [selection, RangeError] as never),
        ...[{ all: true, topic: 'default' }, { topic: '' }, { error: '' }].map((each) => [each, RangeError] as never),
        ...[{ olderThan: -1 }, { olderThan: Number.NaN }].map((selection) => [selection, RangeError] as never),
        ...[{ all: false }, { topc: 'mails' }, { ids: 'id' }, { ids: [1] }].map((each) => [each, TypeError] as never),
        ...[undefined, null, 'all', { error: 1 }, { olderThan: '1' }].map((each) => [each, TypeError] as never),
      ];
      for (const [selection, kind] of invalid) {
        await assert.rejects(queue.discardAll(selection as never), kind);
        await assert.rejects(queue.reviveAll(selection as never), kind);
      }
      for (const after of ['', 'x', 'NaN_1', '1']) await assert.rejects(queue.deadLetters({ after }), RangeError);
      for (const wrong of [{ after: 1 }, { newestFirst: 1 }, { colour: 'red' }]) {
        await assert.rejects(queue.deadLetters(wrong as never), TypeError);
      }
      assert.equal((await queue.size()).dead, 1);
    });

    it('deletes dead letters that are older than maxDeadAge, and says so', async () => {
      const queue = open({ maxDeadAge: 1_000 });
      await bury(queue, ['one', 'two']);
      await bury(queue, ['other'], 'other');
      const consumer = queue.consume(QUICK, () => 1);
      const expired = await new Promise((resolve) => consumer.on('expired', resolve));
      assert.deepEqual(expired, { topic: 'default', count: 2 });
      assert.equal(consumer.getStats().totalExpired, 2);
      assert.equal((await queue.size()).dead, 1);
      await consumer.close();
    });

    it('reports its state for a health check', async () => {
      const queue = open();
      await queue.enqueue({ key: 'key', payload: 'secret' });
      const consumer = queue.consume({ ...QUICK, topic: 'other' }, () => 1);
      const { status, durability, problems, size, oldestAge, consumers, lastFault } = await queue.health();
      assert.deepEqual(
        [status, durability],
        ['ok', subject.durability ?? (subject.durable ? 'power loss' : 'nothing')],
      );
      assert.deepEqual([problems, lastFault], [[], null]);
      assert.ok(size?.waiting === 1 && oldestAge !== null && oldestAge >= 0);
      assert.deepEqual(
        consumers.map(({ topic, state }) => `${topic} ${state}`),
        ['other running'],
      );
      await consumer.close();
    });

    if (subject.groups !== true) {
      it('rejects a message with a group, because it has none', async () => {
        const queue = open();
        await assert.rejects(queue.enqueue({ key: 'key', payload: 1, group: 'account' }), /has no groups/);
        assert.equal((await queue.size()).waiting, 0);
      });
      return;
    }

    it('runs the messages of a group one after another, in their order, and groups beside each other', async () => {
      const queue = open();
      const groups = ['a', 'b', 'c'];
      const batch = Array.from({ length: 45 }, (_, index): QueueMessage => {
        const group = groups[index % 3] as string;
        return { key: `${group} ${index}`, payload: group, group, priority: (index % 5) as 0 };
      });
      await queue.enqueueAll(batch);
      const order: Record<string, string[]> = { a: [], b: [], c: [] };
      const running = new Set<unknown>();
      let most = 0;
      const consumers = [1, 2, 3].map(() =>
        queue.consume({ ...QUICK, concurrency: 4 }, async (group, { key }) => {
          assert.ok(!running.has(group), `two messages of group ${String(group)} run at once`);
          running.add(group);
          most = Math.max(most, running.size);
          await new Promise((resolve) => setImmediate(resolve));
          running.delete(group);
          order[group as string]?.push(key);
        }),
      );
      await until(async () => consumers.reduce((sum, each) => sum + each.getStats().totalDone, 0) === batch.length);
      for (const group of groups) {
        const keys = batch.filter((message) => message.group === group).map(({ key }) => key);
        assert.deepEqual(order[group], keys);
      }
      assert.ok(most > 1, 'groups must run beside each other');
      for (const consumer of consumers) assert.equal(consumer.getStats().totalFailed, 0);
      await Promise.all(consumers.map((consumer) => consumer.close()));
    });

    it('holds back a group behind a message that failed or is delayed, and not behind a dead letter', async () => {
      const queue = open();
      await queue.enqueue({ key: 'failing', payload: 1, group: 'a' });
      await queue.enqueue({ key: 'behind it', payload: 1, group: 'a' });
      await queue.enqueue({ key: 'poison', payload: 1, group: 'b' });
      await queue.enqueue({ key: 'behind the dead', payload: 1, group: 'b' });
      await queue.enqueue({ key: 'delayed', payload: 1, group: 'c', delay: LONG });
      await queue.enqueue({ key: 'behind the delayed', payload: 1, group: 'c' });
      await queue.enqueue({ key: 'same group, other topic', payload: 1, group: 'a', topic: 'other' });
      await queue.enqueue({ key: 'alone', payload: 1 });
      const done: string[] = [];
      const options = { ...QUICK, concurrency: 8, retryDelay: LONG, maxRetryDelay: LONG };
      const operate = (_: unknown, { key }: { key: string }) => {
        if (key === 'failing') throw new Error('down');
        if (key === 'poison') throw Object.assign(new Error('wrong'), { status: 400 });
        done.push(key);
      };
      const consumers = ['default', 'other'].map((topic) => queue.consume({ ...options, topic }, operate));
      for (const consumer of consumers) consumer.on('buried', () => undefined);
      await until(async () => done.length >= 3);
      await Promise.all(consumers.map((consumer) => consumer.close()));
      assert.deepEqual(done.toSorted(), ['alone', 'behind the dead', 'same group, other topic']);
      assert.equal((await queue.size()).waiting, 4);
      const [letter] = (await queue.deadLetters()).letters;
      assert.deepEqual([letter?.key, letter?.group], ['poison', 'b']);
    });

    it('adds a revived dead letter to the end of its group', async () => {
      const queue = open();
      await queue.enqueue({ key: 'dead', payload: 1, group: 'a' });
      await bury(queue, []);
      await queue.enqueueAll(['second', 'third'].map((key) => ({ key, payload: 1, group: 'a' })));
      assert.equal(await queue.reviveAll({ all: true }), 1);
      await queue.enqueue({ key: 'fourth', payload: 1, group: 'a' });
      const done: string[] = [];
      const consumer = queue.consume({ ...QUICK, concurrency: 4 }, (_, { key }) => done.push(key));
      await until(async () => done.length === 4);
      assert.deepEqual(done, ['second', 'third', 'dead', 'fourth']);
      await consumer.close();
    });

    it('rejects an invalid group', async () => {
      const queue = open();
      for (const [group, kind] of [
        [1, TypeError],
        [null, TypeError],
        ['', RangeError],
        ['g'.repeat(513), RangeError],
        ['undefined', RangeError],
      ] as const) {
        await assert.rejects(queue.enqueue({ key: 'key', payload: 1, group: group as never }), kind);
      }
    });
  });
}

function keysOf(letters: readonly DeadLetter[]): string[] {
  return letters.map(({ key }) => key);
}

async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail('the promise must reject'),
    (error: unknown) => error,
  );
}

/** Adds messages, and runs everything in the topic so that it becomes a dead letter. */
async function bury(queue: Queue, keys: readonly string[], topic = 'default', error = 'gone'): Promise<void> {
  await queue.enqueueAll(keys.map((key) => ({ key, payload: { of: key }, topic })));
  const consumer: Consumer = queue.consume({ ...QUICK, topic, concurrency: 50, maxAttempts: 1 }, () => {
    throw Object.assign(new Error(error), { status: 400 });
  });
  consumer.on('buried', () => undefined);
  await until(async () => (await queue.size(topic)).oldestAge === null);
  await consumer.close();
}
