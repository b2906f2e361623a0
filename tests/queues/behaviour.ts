/** Tests of the behaviour that every queue has, in any store. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { OptionsError } from 'fusewire';
import type { DeadLetter, Lease, Queue } from 'fusewire';

/** A store of queues. */
export interface Subject {
  readonly name: string;
  /** Opens the queue of that name. */
  open(name: string): Queue;
  /** Whether the messages of a queue outlive it, so that another one of the same name has them. */
  readonly durable: boolean;
  /** Calls with invalid options, each with the name of the option that the error must name. */
  readonly invalidOptions: readonly (readonly [option: string, create: () => unknown])[];
  start?(): Promise<void>;
  stop?(): Promise<void>;
}

/** Milliseconds of a lease that does not expire during a test. */
const LONG = 3_600_000;
/** Milliseconds of a lease that a test lets expire. */
const SHORT = 50;
/** Milliseconds that a test waits for a message: a limit for a queue that is stuck, not for one that is slow. */
const PATIENCE = 120_000;

export function behavesAsQueue(subject: Subject): void {
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
      await Promise.all(opened.map((queue) => queue.close()));
      await subject.stop?.();
    });

    it('returns messages in the order in which they were enqueued, with their payload', async () => {
      const queue = open();
      const payloads = [{ some: ['object', 1, null, 'ü €'] }, 'text', 0, null, false, [1]];
      for (const [index, payload] of payloads.entries()) await queue.enqueue({ key: `key ${index}`, payload });
      assert.deepEqual(await queue.size(), { waiting: payloads.length, leased: 0, dead: 0 });
      for (const [index, payload] of payloads.entries()) {
        const { id, token, ...lease } = await claimed(queue);
        assert.deepEqual(lease, { key: `key ${index}`, payload, attempt: 1, lastError: null });
        assert.ok(typeof id === 'string' && typeof token === 'string');
      }
      assert.equal(await queue.claim(LONG), undefined);
      assert.deepEqual(await queue.size(), { waiting: 0, leased: payloads.length, dead: 0 });
    });

    it('reports a duplicate until the message of the key is completed', async () => {
      const queue = open();
      const first = await queue.enqueue({ key: 'order:1', payload: 1 });
      const second = await queue.enqueue({ key: 'order:1', payload: 2 });
      assert.deepEqual([first.duplicate, second.duplicate], [false, true]);
      assert.deepEqual([second.id, second.key], [first.id, 'order:1']);
      const lease = await claimed(queue);
      assert.equal(lease.payload, 1);
      assert.equal((await queue.enqueue({ key: 'order:1', payload: 3 })).duplicate, true);
      assert.equal(await queue.complete(lease), true);
      assert.equal((await queue.enqueue({ key: 'order:1', payload: 4 })).duplicate, false);
      assert.equal((await claimed(queue)).payload, 4);
    });

    it('accepts a key once when many enqueue it at the same time', async () => {
      const queue = open();
      const receipts = await Promise.all(
        Array.from({ length: 40 }, (_, index) => queue.enqueue({ key: `key ${index % 4}`, payload: index })),
      );
      assert.equal(receipts.filter(({ duplicate }) => !duplicate).length, 4);
      assert.equal(new Set(receipts.map(({ id }) => id)).size, 4);
      assert.equal((await queue.size()).waiting, 4);
    });

    it('distinguishes keys that look alike', async () => {
      const queue = open();
      const keys = [
        'a',
        'A',
        ' a',
        'a ',
        'a:b',
        'a/b',
        '1',
        '01',
        '__proto__',
        'ä',
        'a\u0308',
        '%',
        '\n',
        'k'.repeat(512),
      ];
      for (const key of keys) assert.equal((await queue.enqueue({ key, payload: key })).duplicate, false);
      for (const key of keys) assert.deepEqual(pick(await claimed(queue), 'key', 'payload'), { key, payload: key });
    });

    it('leases each message to one claim', async () => {
      const queue = open();
      for (let index = 0; index < 50; index++) await queue.enqueue({ key: `key ${index}`, payload: index });
      const leases = await Promise.all(Array.from({ length: 60 }, () => queue.claim(LONG)));
      const ids = leases.filter((lease) => lease !== undefined).map(({ id }) => id);
      assert.equal(ids.length, 50);
      assert.equal(new Set(ids).size, 50);
    });

    it('returns a failed message again, before younger ones', async () => {
      const queue = open();
      await queue.enqueue({ key: 'first', payload: 1 });
      await queue.enqueue({ key: 'second', payload: 2 });
      const lease = await claimed(queue);
      assert.equal(await queue.fail(lease, new RangeError('down')), true);
      const again = await claimed(queue);
      assert.deepEqual(pick(again, 'id', 'key', 'attempt', 'lastError'), {
        id: lease.id,
        key: 'first',
        attempt: 2,
        lastError: 'RangeError: down',
      });
      assert.notEqual(again.token, lease.token);
      assert.equal((await claimed(queue)).key, 'second');
    });

    it('keeps a failed message back until `retryAfter` has passed', async () => {
      const queue = open();
      await queue.enqueue({ key: 'first', payload: 1 });
      await queue.fail(await claimed(queue), 'down', LONG);
      assert.equal(await queue.claim(LONG), undefined);
      assert.deepEqual(await queue.size(), { waiting: 1, leased: 0, dead: 0 });
      await queue.enqueue({ key: 'second', payload: 2 });
      await queue.fail(await claimed(queue), 'down', SHORT);
      assert.deepEqual(pick(await eventually(queue), 'key', 'attempt'), { key: 'second', attempt: 2 });
    });

    it('does not count a released lease as an attempt', async () => {
      const queue = open();
      await queue.enqueue({ key: 'key', payload: 1 });
      await queue.fail(await claimed(queue), 'down');
      for (let round = 0; round < 3; round++) {
        const lease = await claimed(queue);
        assert.deepEqual(pick(lease, 'attempt', 'lastError'), { attempt: 2, lastError: 'down' });
        assert.equal(await queue.release(lease), true);
      }
      await queue.enqueue({ key: 'later', payload: 1 });
      assert.equal((await claimed(queue)).key, 'key');
    });

    it('returns a message again when its lease has expired, and counts the attempt', async () => {
      const queue = open();
      await queue.enqueue({ key: 'key', payload: 1 });
      const lost = await claimed(queue, SHORT);
      const lease = await eventually(queue);
      assert.deepEqual(pick(lease, 'id', 'attempt', 'lastError'), { id: lost.id, attempt: 2, lastError: null });
      for (const settle of [
        () => queue.complete(lost),
        () => queue.fail(lost, 'late'),
        () => queue.release(lost),
        () => queue.bury(lost, 'late'),
        () => queue.extend(lost, LONG),
      ]) {
        assert.equal(await settle(), false);
      }
      assert.deepEqual(await queue.size(), { waiting: 0, leased: 1, dead: 0 });
      assert.equal(await queue.complete(lease), true);
      assert.equal(await queue.complete(lease), false);
      assert.deepEqual(await queue.size(), { waiting: 0, leased: 0, dead: 0 });
    });

    it('does not return a message whose lease was extended', async () => {
      const queue = open();
      await queue.enqueue({ key: 'held', payload: 1 });
      await queue.enqueue({ key: 'lost', payload: 2 });
      const { lease: held, visibility } = await extended(queue);
      assert.equal(held.key, 'held');
      await claimed(queue, visibility);
      // The second lease expires after the first one would have without `extend`.
      assert.equal((await eventually(queue)).key, 'lost');
      assert.equal(await queue.claim(LONG), undefined);
      assert.equal(await queue.complete(held), true);
    });

    it('lists, revives and discards dead letters', async () => {
      const queue = open();
      for (const key of ['one', 'two']) {
        await queue.enqueue({ key, payload: { of: key } });
        await queue.fail(await claimed(queue), 'at first');
        assert.equal(await queue.bury(await claimed(queue), new Error(`no ${key}`)), true);
      }
      const letters = await queue.deadLetters();
      assert.deepEqual(
        letters.map(({ key, payload, attempts, lastError }) => ({ key, payload, attempts, lastError })),
        ['one', 'two'].map((key) => ({ key, payload: { of: key }, attempts: 2, lastError: `Error: no ${key}` })),
      );
      assert.equal((await queue.deadLetters(1)).length, 1);
      assert.equal(await queue.claim(LONG), undefined);
      assert.deepEqual(await queue.size(), { waiting: 0, leased: 0, dead: 2 });
      assert.equal((await queue.enqueue({ key: 'one', payload: 1 })).duplicate, true);
      const [one, two] = letters as [DeadLetter, DeadLetter];
      assert.equal(await queue.discard(two.id), true);
      assert.equal(await queue.discard(two.id), false);
      assert.equal(await queue.revive(one.id), true);
      assert.equal(await queue.revive(one.id), false);
      assert.equal(await queue.discard(one.id), false);
      assert.deepEqual(pick(await claimed(queue), 'key', 'attempt'), { key: 'one', attempt: 1 });
      assert.deepEqual(await queue.deadLetters(), []);
      assert.equal(await queue.revive('no such id'), false);
    });

    it('stores the text of any error', async () => {
      const queue = open();
      await queue.enqueue({ key: 'key', payload: 1 });
      const odd: [unknown, RegExp][] = [
        [undefined, /^undefined$/],
        ['a\0b \ud800 \u{1f600}', /^a\ufffdb \ufffd \u{1f600}$/u],
        [Object.create(null), /^an error that cannot be converted to text$/],
        [new Error('x'.repeat(100_000)), /^Error: x{9993}$/],
      ];
      for (const [error, text] of odd) {
        await queue.fail(await claimed(queue), error);
        const lease = await claimed(queue);
        assert.match(String(lease.lastError), text);
        await queue.release(lease);
      }
    });

    it('rejects invalid messages, leases and times', async () => {
      const queue = open();
      const loop: Record<string, unknown> = {};
      loop['loop'] = loop;
      for (const payload of [undefined, () => 1, Symbol('s'), 1n, loop]) {
        await assert.rejects(queue.enqueue({ key: 'key', payload }), TypeError);
      }
      for (const key of [1, null, undefined, {}, ['key']]) {
        await assert.rejects(queue.enqueue({ key: key as string, payload: 1 }), TypeError);
      }
      for (const key of ['', 'k'.repeat(513), 'a\0', '\ud800', 'a\udc00b']) {
        await assert.rejects(queue.enqueue({ key, payload: 1 }), RangeError);
      }
      for (const message of [undefined, null, 1, 'text'])
        await assert.rejects(queue.enqueue(message as never), TypeError);
      for (const span of ['1', null, undefined, {}]) await assert.rejects(queue.claim(span as number), TypeError);
      for (const span of [0, -1, Number.NaN, Infinity, 31_536_000_001]) {
        await assert.rejects(queue.claim(span), RangeError);
        const lease = { id: '1', key: 'key', payload: 1, token: 'token', attempt: 1, lastError: null };
        await assert.rejects(queue.extend(lease, span), RangeError);
        if (span !== 0) await assert.rejects(queue.fail(lease, 'down', span), RangeError);
      }
      for (const limit of [0, -1, 1.5, Number.NaN, 10_001]) await assert.rejects(queue.deadLetters(limit), RangeError);
      for (const lease of [undefined, null, 1]) await assert.rejects(queue.complete(lease as never), TypeError);
      assert.deepEqual(await queue.size(), { waiting: 0, leased: 0, dead: 0 });
    });

    it('rejects every call after close()', async () => {
      const queue = open();
      await queue.enqueue({ key: 'key', payload: 1 });
      const lease = await claimed(queue);
      await Promise.all([queue.close(), queue.close()]);
      for (const use of [
        () => queue.enqueue({ key: 'key', payload: 1 }),
        () => queue.claim(LONG),
        () => queue.complete(lease),
        () => queue.size(),
        () => queue.deadLetters(),
      ]) {
        await assert.rejects(use(), /Queue: it is closed/);
      }
    });

    for (const [option, create] of subject.invalidOptions) {
      it(`rejects an invalid ${option}: ${create}`, () => {
        assert.throws(create, (error) => {
          assert.ok(error instanceof OptionsError);
          assert.ok(
            error.problems.some((problem) => problem.option === option),
            error.message,
          );
          return error.message.startsWith('Queue ');
        });
      });
    }

    if (!subject.durable) return;

    it('has its messages again after it was closed and opened', async () => {
      const name = `again_${process.pid}`;
      const before = open(name);
      for (const key of ['held', 'failed', 'dead', 'waiting']) await before.enqueue({ key, payload: { of: key } });
      const held = await claimed(before);
      const failed = await claimed(before);
      const dead = await claimed(before);
      await before.fail(failed, 'down');
      await before.bury(dead, 'gone');
      await before.extend(held, SHORT);
      await before.close();
      const after = open(name);
      const leases = [await eventually(after), await eventually(after), await eventually(after)];
      assert.deepEqual(leases.map(({ key, attempt }) => `${key} ${attempt}`).toSorted(), [
        'failed 2',
        'held 2',
        'waiting 1',
      ]);
      assert.deepEqual(
        (await after.deadLetters()).map(({ payload }) => payload),
        [{ of: 'dead' }],
      );
      assert.equal((await after.enqueue({ key: 'held', payload: 1 })).duplicate, true);
    });

    it('shares its messages among all queues of the same name', async () => {
      const name = `shared_${process.pid}`;
      const queues = [open(name), open(name), open(name)];
      await Promise.all(
        queues.flatMap((queue, who) =>
          Array.from({ length: 10 }, (_, index) => queue.enqueue({ key: `key ${index}`, payload: who })),
        ),
      );
      const taken = await Promise.all(
        queues.map(async (queue) => {
          const keys: string[] = [];
          for (let lease = await queue.claim(LONG); lease !== undefined; lease = await queue.claim(LONG)) {
            keys.push(lease.key);
            assert.equal(await queue.complete(lease), true);
          }
          return keys;
        }),
      );
      assert.deepEqual(
        taken.flat().toSorted(),
        Array.from({ length: 10 }, (_, index) => `key ${index}`),
      );
    });
  });
}

async function claimed(queue: Queue, visibility = LONG): Promise<Lease> {
  const lease = await queue.claim(visibility);
  assert.ok(lease !== undefined, 'the queue must have a message');
  return lease;
}

/**
 * Claims a message and extends its lease before it expires. On a machine so slow that it has expired, tries again with
 * twice the visibility.
 */
async function extended(queue: Queue): Promise<{ lease: Lease; visibility: number }> {
  for (let visibility = 500; ; visibility *= 2) {
    const start = performance.now();
    const lease = await eventually(queue, visibility);
    if (await queue.extend(lease, LONG)) return { lease, visibility };
    // The clock of the store need not agree with this one to the millisecond.
    assert.ok(
      performance.now() - start >= 0.9 * visibility,
      'extend() must resolve with true before the lease expires',
    );
  }
}

/** Returns the next message as soon as there is one. */
async function eventually(queue: Queue, visibility = LONG): Promise<Lease> {
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    const lease = await queue.claim(visibility);
    if (lease !== undefined) return lease;
    await delay(10);
  }
  throw new Error(`no message after ${PATIENCE} ms`);
}

function pick<T, Name extends keyof T>(from: T, ...names: Name[]): Pick<T, Name> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, Name>;
}
