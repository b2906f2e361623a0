/** Tests of the leases of every store whose messages consumers of fusewire claim. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestRunner } from './driver.ts';
import type { InsertedMessage, LeaseStore, NewMessage, StoredMessage } from 'fusewire/kit';

/** Milliseconds of a lease that does not expire during a test. */
const LONG = 3_600_000;
/** Milliseconds of a lease that a test lets expire. */
const SHORT = 50;
/** Milliseconds that a test waits for a message: a limit for a store that is stuck, not for one that is slow. */
const PATIENCE = 120_000;

/** A claimed message, with the token of its lease. */
type Claimed = StoredMessage & { readonly token: string };

/** Declares the tests of leases. */
export function leasesMessages(name: string, openStore: (name: string) => LeaseStore, runner: TestRunner): void {
  const { describe, it, after } = runner;
  describe(`a store of ${name}`, () => {
    let count = 0;
    const opened: LeaseStore[] = [];
    const open = () => {
      const store = openStore(`store_${process.pid}_${++count}`);
      opened.push(store);
      return store;
    };
    after(() => Promise.all(opened.map((store) => store.close())));

    it('claims as many messages as asked for, the oldest first', async () => {
      const store = open();
      for (let index = 0; index < 5; index++) await add(store, `key ${index}`);
      assert.deepEqual(keysOf(await store.claim('default', 2, 'token', LONG)), ['key 0', 'key 1']);
      assert.deepEqual(keysOf(await store.claim('default', 10, 'token', LONG)), ['key 2', 'key 3', 'key 4']);
      assert.deepEqual(await store.claim('default', 10, 'token', LONG), []);
      const { oldestAge, ...size } = await store.size(undefined);
      assert.deepEqual(size, { waiting: 0, running: 5, dead: 0 });
      assert.ok(oldestAge !== null && oldestAge >= 0);
    });

    it('leases each message to one claim', async () => {
      const store = open();
      for (let index = 0; index < 50; index++) await add(store, `key ${index}`);
      const claims = await Promise.all(Array.from({ length: 12 }, () => store.claim('default', 5, randomUUID(), LONG)));
      assert.equal(claims.flat().length, 50);
      assert.equal(new Set(claims.flat().map(({ id }) => id)).size, 50);
    });

    it('claims the messages of one topic', async () => {
      const store = open();
      for (const topic of ['mails', 'charges', 'mails/2']) await add(store, 'same key', { topic });
      const [charge, ...others] = await store.claim('charges', 10, 'token', LONG);
      assert.deepEqual([charge?.topic, charge?.key, others], ['charges', 'same key', []]);
      assert.deepEqual(await store.claim('other', 10, 'token', LONG), []);
      const { waiting, running } = await store.size('mails');
      assert.deepEqual([waiting, running], [1, 0]);
    });

    it('returns a message that was put back again, before younger ones', async () => {
      const store = open();
      await add(store, 'first');
      await add(store, 'second');
      const lease = await claimed(store);
      assert.equal(await store.putBack(lease.id, lease.token, { after: 0, error: 'down' }), true);
      const { id, key, attempts, lastError } = await claimed(store);
      assert.deepEqual(
        { id, key, attempts, lastError },
        { id: lease.id, key: 'first', attempts: 2, lastError: 'down' },
      );
      assert.equal((await claimed(store)).key, 'second');
    });

    it('keeps a message back until `after` has passed', async () => {
      const store = open();
      for (const [key, after, error] of [
        ['failed', LONG, 'down'],
        ['released', LONG, null],
      ] as const) {
        await add(store, key);
        const { id, token } = await claimed(store);
        await store.putBack(id, token, { after, error });
      }
      assert.deepEqual(await store.claim('default', 5, 'token', LONG), []);
      await add(store, 'short');
      const { id, token } = await claimed(store);
      await store.putBack(id, token, { after: SHORT, error: 'down' });
      const { key, attempts } = await eventually(store);
      assert.deepEqual({ key, attempts }, { key: 'short', attempts: 2 });
    });

    it('does not count a released lease as an attempt', async () => {
      const store = open();
      await add(store, 'key');
      const first = await claimed(store);
      await store.putBack(first.id, first.token, { after: 0, error: 'down' });
      for (let round = 0; round < 3; round++) {
        const { id, token, attempts, abandoned, lastError } = await claimed(store);
        assert.deepEqual({ attempts, abandoned, lastError }, { attempts: 2, abandoned: 0, lastError: 'down' });
        assert.equal(await store.putBack(id, token, { after: 0, error: null }), true);
      }
    });

    it('returns a message again when its lease has expired, and counts that as an attempt', async () => {
      const store = open();
      await add(store, 'key');
      const lost = await claimed(store, SHORT);
      const lease = await eventually(store);
      const { id, attempts, abandoned, lastError } = lease;
      assert.deepEqual(
        { id, attempts, abandoned, lastError },
        { id: lost.id, attempts: 2, abandoned: 1, lastError: null },
      );
      for (const settle of [
        () => store.complete(lost.id, lost.token),
        () => store.putBack(lost.id, lost.token, { after: 0, error: 'late' }),
        () => store.bury(lost.id, lost.token, 'late'),
        () => store.extend(lost.id, lost.token, LONG),
      ]) {
        assert.equal(await settle(), false);
      }
      assert.equal((await store.size(undefined)).running, 1);
      assert.equal(await store.complete(lease.id, lease.token), true);
      assert.equal(await store.complete(lease.id, lease.token), false);
      assert.deepEqual(await store.size(undefined), { waiting: 0, running: 0, dead: 0, oldestAge: null });
    });

    it('does not return a message whose lease was extended', async () => {
      const store = open();
      await add(store, 'held');
      await add(store, 'lost');
      const { lease: held, leaseTime } = await extended(store);
      assert.equal(held.key, 'held');
      await claimed(store, leaseTime);
      // The second lease expires after the first one would have without `extend`.
      assert.equal((await eventually(store)).key, 'lost');
      assert.deepEqual(await store.claim('default', 5, 'token', LONG), []);
      assert.equal(await store.complete(held.id, held.token), true);
    });

    it('says how it found the message of a key', async () => {
      const store = open();
      const first = await add(store, 'key');
      assert.equal(first.status, 'new');
      assert.deepEqual(await add(store, 'key'), { id: first.id, status: 'waiting' });
      const { token } = await claimed(store);
      assert.deepEqual(await add(store, 'key'), { id: first.id, status: 'running' });
      await store.bury(first.id, token, 'gone');
      assert.deepEqual(await add(store, 'key', { revives: false }), { id: first.id, status: 'dead' });
      assert.deepEqual(await add(store, 'key', { payload: '"new"' }), { id: first.id, status: 'revived' });
      const { payload, attempts, age } = await claimed(store);
      assert.deepEqual([payload, attempts], ['"new"', 1]);
      assert.ok(age < LONG);
    });
  });
}

async function add(store: LeaseStore, key: string, message: Partial<NewMessage> = {}): Promise<InsertedMessage> {
  const added = { topic: 'default', key, payload: '1', delay: 0, priority: 2, revives: true, group: null, ...message };
  const [inserted] = (await store.insert([added], { room: Infinity })) ?? [];
  assert.ok(inserted !== undefined, 'the store must have room');
  return inserted;
}

function keysOf(messages: readonly StoredMessage[]): string[] {
  return messages.map(({ key }) => key);
}

async function claimed(store: LeaseStore, leaseTime = LONG): Promise<Claimed> {
  const token = randomUUID();
  const [message] = await store.claim('default', 1, token, leaseTime);
  assert.ok(message !== undefined, 'the store must have a message');
  return { ...message, token };
}

/**
 * Claims a message and extends its lease before it expires. On a machine so slow that it has expired, tries again with
 * a lease twice as long.
 */
async function extended(store: LeaseStore): Promise<{ lease: Claimed; leaseTime: number }> {
  for (let leaseTime = 500; ; leaseTime *= 2) {
    const start = performance.now();
    const lease = await eventually(store, leaseTime);
    if (await store.extend(lease.id, lease.token, LONG)) return { lease, leaseTime };
    // The clock of the store need not agree with this one to the millisecond.
    assert.ok(performance.now() - start >= 0.9 * leaseTime, 'extend() must resolve with true before the lease expires');
  }
}

/** Returns the next message as soon as there is one. */
async function eventually(store: LeaseStore, leaseTime = LONG): Promise<Claimed> {
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    const token = randomUUID();
    const [message] = await store.claim('default', 1, token, leaseTime);
    if (message !== undefined) return { ...message, token };
    await delay(10);
  }
  throw new Error(`no message after ${PATIENCE} ms`);
}
