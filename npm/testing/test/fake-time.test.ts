import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { CircuitBreaker, retry } from 'fusewire';
import { fail, fakeTime, hang, scripted, succeed, times } from '@fusewire/testing';
import type { FakeTime } from '@fusewire/testing';

let time: FakeTime;
beforeEach(() => {
  time = fakeTime();
});
afterEach(() => {
  assert.equal(time.timers, 0, 'no timer is left behind');
  time.restore();
});

test('a call runs into its timeout', async () => {
  const breaker = new CircuitBreaker({ name: 'mpesa', timeout: 10_000 });
  const dependency = scripted([hang()]);
  const call = assert.rejects(breaker.execute(dependency), { code: 'ECALLTIMEOUT' });
  await time.advance(9_999);
  assert.equal(dependency.calls[0]?.outcome, 'running');
  await time.advance(1);
  await call;
});

test('the signal of a call that has timed out ends the step', async () => {
  const breaker = new CircuitBreaker({ timeout: 100 });
  const dependency = scripted([succeed('late', { after: 200 })]);
  const call = assert.rejects(breaker.execute(dependency));
  await time.advance(100);
  await call;
  await time.settle();
  assert.equal(dependency.calls[0]?.outcome, 'aborted');
});

test('retries sleep on it', async () => {
  const policy = retry({ attempts: 4, delay: 1_000 });
  const dependency = scripted([...times(2, fail()), succeed('done')]);
  const call = policy.execute(dependency);
  await time.advance(2_000);
  assert.equal(await call, 'done');
  assert.equal(time.now, 2_000);
});

test('a breaker that was made before follows, and goes on where it stood afterwards', async () => {
  time.restore();
  const breaker = new CircuitBreaker({ failureThreshold: 1, resetTimeout: 60_000 });
  time = fakeTime();
  await assert.rejects(breaker.execute(scripted([fail()])));
  await time.advance(59_999);
  assert.equal(breaker.state, 'OPEN');
  await time.advance(1);
  assert.equal(breaker.state, 'HALF_OPEN');
});

test('it cannot be installed twice', () => {
  assert.throws(() => fakeTime(), TypeError);
});
