import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreaker as Campaign } from '@fusewire/dialects/campaign';
import { CircuitBreaker as Conexxus } from '@fusewire/dialects/conexxus';
import { CircuitBreaker as Haven } from '@fusewire/dialects/haven';
import { CircuitBreaker as NerdGraph } from '@fusewire/dialects/nerdgraph';
import { CircuitBreaker as Opossum } from '@fusewire/opossum';
import { protectedFetch } from '@fusewire/http';
import { CircuitBreaker, pipeline, timeout } from 'fusewire';
import { breakerMatchers, failWith, fakeTime, hang, manualClock, scripted, succeed } from '@fusewire/testing';
import { breakerAssert, registerBreakerAssertions } from '@fusewire/testing/node';

const TIMES = { successThreshold: 1, timeout: 0, retryDelay: 1_000, monitoringWindow: 1_000 };
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

async function openBreaker(): Promise<CircuitBreaker> {
  const breaker = new CircuitBreaker({ name: 'mpesa', failureThreshold: 1, clock: manualClock() });
  await assert.rejects(breaker.execute(scripted([failWith()])));
  return breaker;
}

test('state matchers compare the state and the override', async () => {
  const breaker = await openBreaker();
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

test('state matchers read the breaker of a pipeline, of a registry and of protectedFetch', async () => {
  const orders = pipeline({ retry: { attempts: 2, delay: 0 }, breaker: { name: 'orders', failureThreshold: 2 } });
  breakerAssert.toBeClosed(orders);
  await assert.rejects(orders.execute(() => Promise.reject(new Error('down'))));
  breakerAssert.toBeOpen(orders);
  breakerAssert.toBeOpen(pipeline([timeout(60_000), orders]));
  breakerAssert.toHaveStats(orders, { totalFailures: 2 });
  assert.throws(
    () => breakerAssert.toBeOpen(pipeline([timeout(1_000)])),
    /takes a CircuitBreaker, or a pipeline with one/,
  );

  const fetch = protectedFetch();
  assert.throws(() => breakerAssert.toBeOpen(fetch), /takes one circuit, and this registry has no breaker yet/);
  fetch.breakerFor('http://one.test').forceOpen();
  breakerAssert.toBeOpen(fetch);
  breakerAssert.toBeOpen(fetch.registry);
  breakerAssert.toBeClosed(fetch.breakerFor('http://other.test'));
  assert.throws(() => breakerAssert.toBeOpen(fetch), /this registry has 2 breakers: take one of them/);
});

test('toHaveStats() compares the given stats', async () => {
  const breaker = await openBreaker();
  breakerAssert.toHaveStats(breaker, { totalFailures: 1, totalRejected: 0, state: 'OPEN' });
  assert.throws(
    () => breakerAssert.toHaveStats(breaker, { totalFailures: 2, totalRejected: 0 }),
    /expected circuit breaker mpesa to have totalFailures 2, but it has totalFailures 1$/,
  );
});

test('toBeRejectedByCircuit() and toTimeOut() compare the error and its breaker', async () => {
  const breaker = await openBreaker();
  await breakerAssert.toBeRejectedByCircuit(breaker.execute(scripted([succeed(1)])));
  await breakerAssert.toBeRejectedByCircuit(() => breaker.execute(scripted([succeed(1)])), 'mpesa');
  await assert.rejects(
    breakerAssert.toBeRejectedByCircuit(breaker.execute(scripted([succeed(1)])), 'pesapal'),
    /to be rejected by an open circuit by pesapal, but it rejected with CircuitOpenError/,
  );
  breaker.reset();
  await assert.rejects(breakerAssert.toBeRejectedByCircuit(breaker.execute(scripted([succeed(1)]))), /but it resolved/);
  const impatient = new CircuitBreaker({ name: 'impatient', timeout: 1 });
  await breakerAssert.toTimeOut(impatient.execute(scripted([hang()])), 'impatient');
  const patient = new CircuitBreaker({ name: 'patient' });
  await assert.rejects(breakerAssert.toTimeOut(patient.execute(scripted([succeed(1)]))), /run into its call timeout/);
});

test('matchers return the message for .not if they pass', async () => {
  const { pass, message } = breakerMatchers.toBeOpen(await openBreaker());
  assert.equal(pass, true);
  assert.equal(message(), 'expected circuit breaker mpesa not to be OPEN, but it is OPEN (failure-threshold)');
});

test('matchers reject a value that is no breaker', () => {
  assert.throws(() => breakerAssert.toBeOpen({}), /toHaveState takes a CircuitBreaker/);
  assert.throws(() => breakerAssert.toHaveStats(undefined, {}), /toHaveStats takes a CircuitBreaker/);
});

test('matchers reject expectations that would never or always pass', async () => {
  const breaker = await openBreaker();
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
    /failureCont is not one of the stats/,
  );
});

test('toHaveStats() compares dates by their time', async () => {
  using _ = fakeTime();
  const breaker = await openBreaker();
  const { lastFailureTime } = breaker.getStats();
  breakerAssert.toHaveStats(breaker, { lastFailureTime: new Date(lastFailureTime as Date) });
  assert.throws(() => breakerAssert.toHaveStats(breaker, { lastFailureTime: new Date(0) }), /to have lastFailureTime/);
});

registerBreakerAssertions();
test('registerBreakerAssertions() adds the matchers to t.assert', async (t) => {
  const { toBeOpen } = t.assert as unknown as typeof breakerAssert;
  toBeOpen(await openBreaker());
});

test('matchers read the breakers of each dialect', async ({ mock }) => {
  mock.method(console, 'warn', () => {});
  const breakers = [
    new Conexxus({ name: 'pos', failureThreshold: 1, logger: false }),
    new Haven('mpesa', { failureThreshold: 1 }),
    new Campaign('n8n', { failureThreshold: 1 }, { logger: false }),
    new NerdGraph({ name: 'new-relic', failureThreshold: 1, ...TIMES }, SILENT),
  ];
  for (const breaker of breakers) {
    breakerAssert.toBeClosed(breaker);
    await assert.rejects(async () => breaker.execute(scripted([failWith()])));
    breakerAssert.toBeOpen(breaker);
    breakerAssert.toHaveOverride(breaker, 'NONE');
    breakerAssert.toHaveStats(breaker, { totalFailures: 1 });
    await breakerAssert.toBeRejectedByCircuit(breaker.execute(scripted([succeed(1)])), breaker.engine.name);
  }
});

test('matchers read breakers with the interface of opossum', async () => {
  const breaker = new Opossum(scripted([failWith(), hang()]), { name: 'orders', timeout: 1, volumeThreshold: 1 });
  breakerAssert.toBeClosed(breaker);
  await assert.rejects(breaker.fire());
  breakerAssert.toBeOpen(breaker);
  breakerAssert.toHaveStats(breaker, { fires: 1, failures: 1 });
  assert.throws(() => breakerAssert.toBeClosed(breaker), {
    message: 'expected circuit breaker orders to be CLOSED, but it is OPEN',
  });
  await breakerAssert.toBeRejectedByCircuit(breaker.fire());
  await assert.rejects(
    breakerAssert.toBeRejectedByCircuit(breaker.fire(), 'orders'),
    /by orders, but it rejected with Error: Breaker is open, which names no breaker$/,
  );
  assert.throws(() => breakerAssert.toHaveOverride(breaker, 'NONE'), /circuit breaker orders has no overrides/);
  breaker.close();
  await breakerAssert.toTimeOut(breaker.fire());
  breaker.shutdown();
  assert.throws(() => breakerAssert.toBeClosed(breaker), /to be CLOSED, but it is shut down/);
});

test('toTimeOut() takes the timeout of a socket for no timeout of a call', async () => {
  const socket = Object.assign(new Error('connect ETIMEDOUT 10.0.0.1:443'), { code: 'ETIMEDOUT', syscall: 'connect' });
  await assert.rejects(breakerAssert.toTimeOut(Promise.reject(socket)), /run into its call timeout/);
});
