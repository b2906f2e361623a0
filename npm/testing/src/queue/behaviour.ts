/** Tests of the behaviour that every queue has, in any store. */
import assert from 'node:assert/strict';
import { OptionsError } from 'fusewire';
import type { ConsumeOptions, Consumer, OperationContext, Queue } from 'fusewire/queue';
import type { QueueDriver, TestRunner } from './driver.ts';
import { until } from './until.ts';

const LONG = 3_600_000;
/** Options of consumers that look for messages often. */
const QUICK = { pollInterval: 20, leaseTime: 2_000, retryDelay: 0 };

/** Declares the tests of single messages. */
export function behavesAsQueue(subject: QueueDriver, { describe, it, before, after }: TestRunner): void {
  describe(`a queue in ${subject.name}`, () => {
    let count = 0;
    const opened: Queue[] = [];
    const open = (name = `queue_${process.pid}_${++count}`) => {
      const queue = subject.open(name);
      opened.push(queue);
      return queue;
    };
    before(() => subject.start?.());
    after(async () => {
      await Promise.all(opened.map((queue) => queue.close({ timeout: 1_000 })));
      await subject.stop?.();
    });

    it('runs messages in the order in which they were enqueued, with their payload', async () => {
      const queue = open();
      const payloads = [{ some: ['object', 1, null, 'ü €'] }, 'text', 0, null, false, [1]];
      for (const [index, payload] of payloads.entries()) await queue.enqueue({ key: `key ${index}`, payload });
      assert.equal((await queue.size()).waiting, payloads.length);
      const runs = await consumed(queue, payloads.length);
      assert.deepEqual(
        runs.map(({ payload, key, topic, attempt }) => ({ payload, key, topic, attempt })),
        payloads.map((payload, index) => ({ payload, key: `key ${index}`, topic: 'default', attempt: 1 })),
      );
      assert.deepEqual(await queue.size(), { waiting: 0, running: 0, dead: 0, oldestAge: null });
    });

    it('runs the messages of an earlier consumer, and of one that starts before them', async () => {
      const queue = open();
      const seen = new Seen();
      await queue.enqueue({ key: 'before', payload: 1 });
      const consumer = queue.consume(QUICK, seen.add);
      await seen.until(1);
      await queue.enqueue({ key: 'after', payload: 2 });
      await seen.until(2);
      await consumer.close();
      await queue.enqueue({ key: 'later', payload: 3 });
      assert.equal((await consumed(queue, 1))[0]?.key, 'later');
      assert.deepEqual(seen.keys, ['before', 'after']);
    });

    it('accepts a key once when many enqueue it at the same time', async () => {
      const queue = open();
      const receipts = await Promise.all(
        Array.from({ length: 40 }, (_, index) => queue.enqueue({ key: `key ${index % 4}`, payload: index })),
      );
      assert.equal(receipts.filter(({ status }) => status === 'new').length, 4);
      assert.equal(new Set(receipts.map(({ id }) => id)).size, 4);
      assert.equal((await queue.size()).waiting, 4);
    });

    it('has stored every message that it has called new, also while the one before it is completed', async () => {
      const queue = open();
      let runs = 0;
      const consumer = queue.consume({ ...QUICK, concurrency: 8 }, () => runs++);
      let added = 0;
      for (let round = 0; round < 40; round++) {
        const receipts = await Promise.all(
          ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd'].map((key) => queue.enqueue({ key, payload: round })),
        );
        added += receipts.filter(({ status }) => status === 'new').length;
      }
      await until(async () => (await queue.size()).oldestAge === null);
      assert.equal(runs, added);
      await consumer.close();
    });

    it('distinguishes keys that look alike', async () => {
      const queue = open();
      const odd = ['a', 'A', ' a', 'a ', 'a:b', 'a/b', '1', '01', '__proto__', 'ä', 'a\u0308', '%', '\n'];
      const keys = [...odd, 'k'.repeat(512)];
      for (const key of keys) assert.equal((await queue.enqueue({ key, payload: key })).status, 'new');
      const runs = await consumed(queue, keys.length);
      assert.deepEqual(
        runs.map(({ key, payload }) => [key, payload]),
        keys.map((key) => [key, key]),
      );
    });

    it('runs the messages of a topic by its consumers only, and has keys for each topic', async () => {
      const queue = open();
      const topics = ['mails', 'charges', 'a:b/c d@%', 'default'];
      for (const topic of topics) {
        const { status, topic: given } = await queue.enqueue({ key: 'order 1', payload: topic, topic });
        assert.deepEqual([status, given], ['new', topic]);
      }
      assert.equal((await queue.size()).waiting, topics.length);
      for (const topic of topics) {
        const runs = await consumed(queue, 1, { topic });
        assert.deepEqual(
          runs.map((run) => [run.payload, run.topic]),
          [[topic, topic]],
        );
        assert.equal((await queue.size(topic)).waiting, 0);
      }
    });

    it('holds a message back for its delay, and runs those of a higher priority first', async () => {
      const queue = open();
      await queue.enqueue({ key: 'delayed', payload: 1, delay: LONG });
      await queue.enqueue({ key: 'low', payload: 1, priority: 0 });
      await queue.enqueue({ key: 'normal', payload: 1 });
      await queue.enqueue({ key: 'high', payload: 1, priority: 4 });
      const runs = await consumed(queue, 3);
      assert.deepEqual(
        runs.map(({ key }) => key),
        ['high', 'normal', 'low'],
      );
      assert.equal((await queue.size()).waiting, 1);
      await queue.enqueue({ key: 'soon', payload: 1, delay: 50 });
      assert.equal((await consumed(queue, 1))[0]?.key, 'soon');
    });

    it('runs a message again after a failure, and makes it a dead letter after maxAttempts', async () => {
      const queue = open();
      const attempts: number[] = [];
      await queue.enqueue({ key: 'poison', payload: { a: 1 } });
      const consumer = queue.consume({ ...QUICK, maxAttempts: 3 }, (_, { attempt }) => {
        attempts.push(attempt);
        throw new RangeError(`attempt ${attempt}`);
      });
      const buried = await eventOf(consumer, 'buried');
      assert.deepEqual([buried.key, buried.attempt, attempts], ['poison', 3, [1, 2, 3]]);
      await consumer.close();
      const [letter] = (await queue.deadLetters()).letters;
      const { topic, key, group, payload, attempts: made, lastError } = letter as NonNullable<typeof letter>;
      assert.deepEqual([topic, key, group, payload, made], ['default', 'poison', null, { a: 1 }, 3]);
      assert.equal(lastError, 'RangeError: attempt 3');
    });

    it('buries one poison message, and runs the others', async () => {
      const queue = open();
      for (let index = 0; index < 20; index++) await queue.enqueue({ key: `key ${index}`, payload: index });
      const seen = new Seen();
      const options = { ...QUICK, retryDelay: LONG, maxRetryDelay: LONG, maxAttempts: 2, concurrency: 4 };
      const consumer = queue.consume(options, (payload, context) => {
        if (payload === 3) throw new Error('poison');
        seen.add(payload, context);
      });
      await seen.until(19);
      await consumer.close();
      const { waiting, running, dead } = await queue.size();
      assert.deepEqual({ waiting, running, dead }, { waiting: 1, running: 0, dead: 0 });
    });

    it('lists, revives and discards dead letters', async () => {
      const queue = open();
      for (const key of ['one', 'two']) await queue.enqueue({ key, payload: { of: key }, topic: 'sad' });
      const consumer = queue.consume({ ...QUICK, topic: 'sad', maxAttempts: 1 }, (_, { key }) => {
        throw new Error(`no ${key}`);
      });
      await eventOf(consumer, 'buried');
      await until(async () => (await queue.size()).dead === 2);
      await consumer.close();
      const { letters } = await queue.deadLetters();
      assert.deepEqual(
        letters.map(({ key, payload, attempts, lastError }) => ({ key, payload, attempts, lastError })),
        ['one', 'two'].map((key) => ({ key, payload: { of: key }, attempts: 1, lastError: `Error: no ${key}` })),
      );
      assert.equal((await queue.deadLetters({ limit: 1 })).letters.length, 1);
      assert.equal((await queue.deadLetters({ topic: 'sad' })).letters.length, 2);
      assert.equal((await queue.deadLetters({ topic: 'other' })).letters.length, 0);
      const [one, two] = letters.map(({ id }) => id) as [string, string];
      assert.equal(await queue.discard(two), true);
      assert.equal(await queue.discard(two), false);
      assert.equal(await queue.revive(one), true);
      assert.equal(await queue.revive(one), false);
      assert.equal(await queue.discard(one), false);
      assert.equal(await queue.revive('no such id'), false);
      const [run] = await consumed(queue, 1, { topic: 'sad' });
      assert.deepEqual([run?.key, run?.attempt], ['one', 1]);
    });

    it("revives the dead letter of a key as the new message, unless ifDead is 'keep'", async () => {
      const queue = open();
      for (const key of ['key', 'late']) await queue.enqueue({ key, payload: 'old' });
      const consumer = queue.consume({ ...QUICK, maxAttempts: 1 }, () => Promise.reject(new Error('no')));
      consumer.on('buried', () => undefined);
      await until(async () => (await queue.size()).dead === 2);
      await consumer.close();
      await queue.enqueue({ key: 'other', payload: 'other' });
      assert.equal((await queue.enqueue({ key: 'key', payload: 'kept', ifDead: 'keep' })).status, 'dead');
      assert.equal((await queue.enqueue({ key: 'key', payload: 'new', priority: 4 })).status, 'revived');
      assert.equal((await queue.enqueue({ key: 'late', payload: 'new', delay: LONG })).status, 'revived');
      const runs = (await consumed(queue, 2)).map(({ payload, attempt }) => `${String(payload)}, ${attempt}`);
      assert.deepEqual([runs, (await queue.size()).waiting], [['new, 1', 'other, 1'], 1]);
    });

    it('stores the text of any error', async () => {
      const queue = open();
      const odd: [unknown, RegExp][] = [
        [undefined, /^undefined$/],
        ['a\0b \ud800 \u{1f600}', /^a\ufffdb \ufffd \u{1f600}$/u],
        [Object.create(null), /^an error that cannot be converted to text$/],
        [new Error('x'.repeat(100_000)), /^Error: x{9993}$/],
      ];
      for (const [index] of odd.entries()) await queue.enqueue({ key: `key ${index}`, payload: index });
      const consumer = queue.consume({ ...QUICK, maxAttempts: 1 }, (index) =>
        Promise.reject(odd[index as number]?.[0]),
      );
      consumer.on('buried', () => undefined);
      await until(async () => (await queue.size()).dead === odd.length);
      await consumer.close();
      for (const { payload, lastError } of (await queue.deadLetters()).letters) {
        assert.match(String(lastError), odd[payload as number]?.[1] as RegExp);
      }
    });

    it('gives back the message of an operation that still runs when a consumer is closed', async () => {
      const queue = open();
      await queue.enqueue({ key: 'hanging', payload: 1 });
      let signal: AbortSignal | undefined;
      const consumer = queue.consume({ ...QUICK, leaseTime: LONG }, (_, context) => {
        signal = context.signal;
        return new Promise(() => undefined);
      });
      await until(async () => signal !== undefined);
      await consumer.close({ timeout: 10 });
      assert.equal(signal?.aborted, true);
      assert.equal(consumer.getStats().state, 'closed');
      const [run] = await consumed(queue, 1);
      assert.deepEqual([run?.key, run?.attempt], ['hanging', 1]);
    });

    it('rejects invalid messages and options', async () => {
      const queue = open();
      const loop: Record<string, unknown> = {};
      loop['loop'] = loop;
      const invalid: [object, typeof TypeError | typeof RangeError][] = [
        ...[undefined, () => 1, Symbol('s'), 1n, loop].map((payload) => [{ payload }, TypeError] as never),
        ...[1, null, undefined, {}, ['key']].map((key) => [{ key }, TypeError] as never),
        ...['', 'k'.repeat(513), 'a\0', '\ud800', 'a\udc00b'].map((key) => [{ key }, RangeError] as never),
        ...['undefined', 'null', 'NaN', '[object Object]'].map((key) => [{ key }, RangeError] as never),
        ...[1, null, {}].map((topic) => [{ topic }, TypeError] as never),
        ...['', 't'.repeat(201), 'a\0'].map((topic) => [{ topic }, RangeError] as never),
        ...['1', null].map((delay) => [{ delay }, TypeError] as never),
        ...[-1, Number.NaN, Infinity, 31_536_000_001].map((delay) => [{ delay }, RangeError] as never),
        ...[-1, 5, 1.5, '1'].map((priority) => [{ priority }, RangeError] as never),
        ...['drop', null].map((ifDead) => [{ ifDead }, RangeError] as never),
      ];
      for (const [wrong, kind] of invalid) {
        await assert.rejects(queue.enqueue({ key: 'key', payload: 1, ...wrong } as never), kind);
      }
      for (const message of [undefined, null, 1, 'text'])
        await assert.rejects(queue.enqueue(message as never), TypeError);
      for (const transaction of [1, {}, 'BEGIN', null]) {
        await assert.rejects(queue.enqueue({ key: 'key', payload: 1 }, { in: transaction }), TypeError);
      }
      for (const limit of [0, -1, 1.5, Number.NaN, 10_001])
        await assert.rejects(queue.deadLetters({ limit }), RangeError);
      for (const timeout of [-1, Number.NaN]) await assert.rejects(queue.close({ timeout }), RangeError);
      for (const [option, value] of [
        ['concurrency', 0],
        ['leaseTime', 99],
        ['pollInterval', '1'],
        ['topic', ''],
        ['maxAge', 0],
        ['colour', 'red'],
      ] as const) {
        assert.throws(() => queue.consume({ [option]: value } as never, () => 1), OptionsError);
      }
      assert.throws(() => queue.consume({}, 1 as never), OptionsError);
      assert.deepEqual(await queue.size(), { waiting: 0, running: 0, dead: 0, oldestAge: null });
    });

    it('rejects every call after close()', async () => {
      const queue = open();
      await queue.enqueue({ key: 'key', payload: 1 });
      await Promise.all([queue.close(), queue.close()]);
      for (const use of [
        () => queue.enqueue({ key: 'key', payload: 1 }),
        () => queue.size(),
        () => queue.deadLetters(),
        () => queue.revive('1'),
        async () => queue.consume({}, () => 1),
      ]) {
        await assert.rejects(use(), /Queue: it is closed/);
      }
    });

    for (const [option, create] of subject.invalidOptions ?? []) {
      it(`rejects an invalid ${option}: ${create}`, () => {
        assert.throws(create, (error) => {
          assert.ok(error instanceof OptionsError);
          assert.ok(
            error.problems.some((problem) => problem.option === option),
            error.message,
          );
          assert.doesNotMatch(error.message, /secret/);
          return error.message.startsWith('Queue ');
        });
      });
    }

    if (!subject.durable) return;

    it('has its messages again after it was closed and opened', async () => {
      const name = `again_${process.pid}`;
      const before = open(name);
      for (const key of ['dead', 'failed', 'waiting']) await before.enqueue({ key, payload: { of: key } });
      const consumer = before.consume(
        { ...QUICK, retryDelay: 1, maxRetryDelay: 1, maxAttempts: 1_000 },
        (_, { key }) => {
          throw Object.assign(new Error(key), key === 'dead' ? { status: 400 } : {});
        },
      );
      consumer.on('buried', () => undefined);
      const failed = new Set<string>();
      consumer.on('failed', ({ key }) => failed.add(key));
      await until(async () => failed.size === 2 && consumer.getStats().totalBuried === 1);
      await before.close();
      const again = open(name);
      assert.deepEqual(
        (await again.deadLetters()).letters.map(({ payload }) => payload),
        [{ of: 'dead' }],
      );
      const runs = await consumed(again, 2);
      assert.deepEqual(runs.map(({ key, attempt }) => `${key} ${attempt > 1}`).toSorted(), [
        'failed true',
        'waiting true',
      ]);
    });

    it('shares its messages among the consumers of all queues of the same name', async () => {
      const name = `shared_${process.pid}`;
      const queues = [open(name), open(name), open(name)];
      await Promise.all(
        queues.flatMap((queue, who) =>
          Array.from({ length: 10 }, (_, index) => queue.enqueue({ key: `key ${index}`, payload: who })),
        ),
      );
      const seen = new Seen();
      const consumers = queues.map((queue) => queue.consume(QUICK, seen.add));
      await seen.until(10);
      await until(async () => (await (queues[0] as Queue).size()).oldestAge === null);
      await Promise.all(consumers.map((consumer) => consumer.close()));
      assert.deepEqual(
        seen.keys.toSorted(),
        Array.from({ length: 10 }, (_, index) => `key ${index}`),
      );
    });
  });
}

type Run = OperationContext & { readonly payload: unknown };

/** Operations that ran. */
class Seen {
  readonly runs: Run[] = [];

  readonly add = (payload: unknown, context: OperationContext): void => {
    this.runs.push({ payload, ...context });
  };

  get keys(): string[] {
    return this.runs.map(({ key }) => key);
  }

  until(count: number): Promise<void> {
    return until(async () => this.runs.length >= count);
  }
}

/** Runs messages until there were so many, and closes the consumer. */
async function consumed(queue: Queue, count: number, options: ConsumeOptions = {}): Promise<readonly Run[]> {
  const seen = new Seen();
  const consumer = queue.consume({ ...QUICK, ...options }, seen.add);
  await seen.until(count);
  await consumer.close();
  return seen.runs;
}

function eventOf<Name extends 'buried' | 'failed' | 'done'>(consumer: Consumer, name: Name) {
  return new Promise<Parameters<Parameters<typeof consumer.on<Name>>[1]>[0]>((resolve) => consumer.on(name, resolve));
}
