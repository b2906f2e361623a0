import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { CircuitBreaker, retry } from 'fusewire';
import { failWith, fakeTime, hang, scripted, succeed, times } from '@fusewire/testing';
import type { FakeTime } from '@fusewire/testing';

let time: FakeTime;
beforeEach(() => {
  time = fakeTime();
});
afterEach(() => {
  assert.equal(time.timers, 0, 'no timer is pending after the test');
  time.restore();
});

test('fakeTime() moves call timeouts', async () => {
  const breaker = new CircuitBreaker({ name: 'mpesa', timeout: 10_000 });
  const dependency = scripted([hang()]);
  const call = assert.rejects(breaker.execute(dependency), { code: 'ERR_CALL_TIMEOUT' });
  await time.advance(9_999);
  assert.equal(dependency.calls[0]?.outcome, 'running');
  await time.advance(1);
  await call;
});

test('fakeTime() lets a timed-out call abort its work', async () => {
  const breaker = new CircuitBreaker({ timeout: 100 });
  const dependency = scripted([succeed('late', { after: 200 })]);
  const call = assert.rejects(breaker.execute(dependency));
  await time.advance(100);
  await call;
  await time.settle();
  assert.equal(dependency.calls[0]?.outcome, 'aborted');
});

test('fakeTime() moves the delays of a retry', async () => {
  const policy = retry({ attempts: 4, delay: 1_000 });
  const dependency = scripted([...times(2, failWith()), succeed('done')]);
  const call = policy.execute(dependency);
  await time.advance(2_000);
  assert.equal(await call, 'done');
  assert.equal(time.now, 2_000);
});

test('fakeTime() moves a breaker that was created before', async () => {
  time.restore();
  const breaker = new CircuitBreaker({ failureThreshold: 1, resetTimeout: 60_000 });
  time = fakeTime();
  await assert.rejects(breaker.execute(scripted([failWith()])));
  await time.advance(59_999);
  assert.equal(breaker.state, 'OPEN');
  await time.advance(1);
  assert.equal(breaker.state, 'HALF_OPEN');
});

test('fakeTime() throws while fake timers are installed', () => {
  assert.throws(() => fakeTime(), TypeError);
});
