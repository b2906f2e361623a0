import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import { breakerMatchers, fail, fakeTime, hang, manualClock, scripted, succeed } from '@fusewire/testing';
import { breakerAssert, registerBreakerAssertions } from '@fusewire/testing/node';

async function opened(): Promise<CircuitBreaker> {
  const breaker = new CircuitBreaker({ name: 'mpesa', failureThreshold: 1, clock: manualClock() });
  await assert.rejects(breaker.execute(scripted([fail()])));
  return breaker;
}

test('states', async () => {
  const breaker = await opened();
  breakerAssert.toBeOpen(breaker);
  breakerAssert.toHaveState(breaker, 'OPEN');
  assert.throws(() => breakerAssert.toBeClosed(breaker), {
    name: 'AssertionError',
    message: 'expected circuit breaker mpesa to be CLOSED, but it is OPEN (failure-threshold)',
  });
  assert.throws(() => breakerAssert.toBeHalfOpen(breaker), /to be HALF_OPEN, but it is OPEN/);
  breaker.reset();
  breakerAssert.toBeClosed(breaker);
  breaker.forceOpen();
  breakerAssert.toHaveOverride(breaker, 'FORCED_OPEN');
  assert.throws(
    () => breakerAssert.toHaveOverride(breaker, 'SHADOW'),
    /have the override SHADOW, but it has FORCED_OPEN/,
  );
});

test('stats', async () => {
  const breaker = await opened();
  breakerAssert.toHaveStats(breaker, { totalFailures: 1, totalRejected: 0, state: 'OPEN' });
  assert.throws(
    () => breakerAssert.toHaveStats(breaker, { totalFailures: 2, totalRejected: 0 }),
    /expected circuit breaker mpesa to have totalFailures 2, but it has totalFailures 1$/,
  );
});

test('rejections', async () => {
  const breaker = await opened();
  await breakerAssert.toBeRejectedByCircuit(breaker.execute(scripted([succeed(1)])));
  await breakerAssert.toBeRejectedByCircuit(() => breaker.execute(scripted([succeed(1)])), 'mpesa');
  await assert.rejects(
    breakerAssert.toBeRejectedByCircuit(breaker.execute(scripted([succeed(1)])), 'pesapal'),
    /to be rejected by an open circuit by pesapal, but it rejected with CircuitOpenError/,
  );
  breaker.reset();
  await assert.rejects(breakerAssert.toBeRejectedByCircuit(breaker.execute(scripted([succeed(1)]))), /but it resolved/);
  const hurried = new CircuitBreaker({ name: 'hurried', timeout: 1 });
  await breakerAssert.toTimeOut(hurried.execute(scripted([hang()])), 'hurried');
  await assert.rejects(breakerAssert.toTimeOut(hurried.execute(scripted([succeed(1)]))), /run into its call timeout/);
});

test('a matcher that holds says what .not did not expect', async () => {
  const { pass, message } = breakerMatchers.toBeOpen(await opened());
  assert.equal(pass, true);
  assert.equal(message(), 'expected circuit breaker mpesa not to be OPEN, but it is OPEN (failure-threshold)');
});

test('what is no breaker is refused', () => {
  assert.throws(() => breakerAssert.toBeOpen({}), /toHaveState takes a CircuitBreaker/);
  assert.throws(() => breakerAssert.toHaveStats(undefined, {}), /toHaveStats takes a CircuitBreaker/);
});

test('what could never hold, or always would, is refused', async () => {
  const breaker = await opened();
  assert.throws(
    () => breakerAssert.toHaveState(breaker, 'OPENED' as 'OPEN'),
    /takes CLOSED or OPEN or HALF_OPEN, got OPENED/,
  );
  assert.throws(
    () => breakerAssert.toHaveOverride(breaker, 'OPEN' as 'NONE'),
    /toHaveOverride takes NONE or FORCED_OPEN/,
  );
  assert.throws(() => breakerAssert.toHaveStats(breaker, {}), /at least one of the stats/);
  assert.throws(() => breakerAssert.toHaveStats(breaker, undefined as never), /at least one of the stats/);
  assert.throws(
    () => breakerAssert.toHaveStats(breaker, { failureCont: undefined } as object),
    /failureCont is none of/,
  );
});

test('the same time is the same', async () => {
  using _ = fakeTime();
  const breaker = await opened();
  const { lastFailureTime } = breaker.getStats();
  breakerAssert.toHaveStats(breaker, { lastFailureTime: new Date(lastFailureTime as Date) });
  assert.throws(() => breakerAssert.toHaveStats(breaker, { lastFailureTime: new Date(0) }), /to have lastFailureTime/);
});

registerBreakerAssertions();
test('as assertions of a test of node:test', async (t) => {
  const { toBeOpen } = t.assert as unknown as typeof breakerAssert;
  toBeOpen(await opened());
});
