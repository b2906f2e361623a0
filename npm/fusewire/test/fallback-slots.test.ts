import assert from 'node:assert/strict';
import { it } from 'node:test';
import { alternative, bulkhead, BulkheadFullError, cache, fallback, pipeline } from 'fusewire';
import { deferred, rejection, turn } from './support.ts';
import { degraded } from './support-fallback.ts';

const fails = () => Promise.reject(new Error('down'));
const isFull = (calls: { execute(work: () => unknown): Promise<unknown> }) =>
  calls
    .execute(() => 'free')
    .then(
      (value) => value !== 'free',
      (error) => error instanceof BulkheadFullError,
    );

it('a fallback that runs on after the abort keeps the slot of the call', async () => {
  for (const through of [undefined, bulkhead({ limit: 5 })]) {
    const work = deferred();
    const limiter = bulkhead({ limit: 1 });
    const calls = pipeline([limiter, fallback([alternative('other', () => work.promise, { through })])], {
      checked: false,
    });
    const controller = new AbortController();
    const call = calls.execute(fails, { signal: controller.signal });
    await turn();
    controller.abort('changed my mind');
    assert.equal(await rejection(call), 'changed my mind');
    assert.equal(await isFull(limiter), true);
    work.resolve(1);
    await turn();
    assert.equal(await isFull(limiter), false);
  }
});

it('a call that others still await keeps the slot of the call that started it', async () => {
  const work = deferred();
  const limiter = bulkhead({ limit: 2 });
  const calls = pipeline([limiter, cache({ freshFor: 60_000 })], { checked: false });
  const controller = new AbortController();
  const first = calls.execute(() => work.promise, { key: 'key', signal: controller.signal });
  const second = calls.execute(() => assert.fail('must not run'), { key: 'key' });
  controller.abort('changed my mind');
  assert.equal(await rejection(first), 'changed my mind');
  assert.equal(await isFull(limiter), true);
  work.resolve('value');
  assert.equal(await second, 'value');
  await turn();
  assert.deepEqual(await Promise.all([isFull(limiter), isFull(limiter)]), [false, false]);
});

it('a fallback answers for a full bulkhead inside, with the reason full', async () => {
  const limiter = bulkhead({ limit: 1 });
  const work = deferred();
  const running = limiter.execute(() => work.promise);
  const calls = pipeline([fallback([degraded(({ reason }) => reason)]), limiter]);
  assert.equal(await calls.execute(() => 1), 'full');
  work.resolve(1);
  await running;
});
