/** The test list of the document, through the service and against a real server. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CircuitBreaker } from '@fusewire/dialects/conexxus';
import { fail, start } from './support.ts';

const OPEN = { message: 'Circuit breaker is OPEN' };

describe('Initialization', () => {
  it('begins with a closed circuit and without counts', async (t) => {
    const { conexxus } = await start(t);
    assert.deepEqual(conexxus.getCircuitBreakerStats(), {
      ...{ state: 'CLOSED', failureCount: 0, successCount: 0 },
      ...{ lastFailureTime: null, lastSuccessTime: null, nextAttemptTime: null },
      ...{ totalRequests: 0, totalFailures: 0, totalSuccesses: 0 },
    });
  });

  it('has the numbers of the document, and logs that it is there', async (t) => {
    const { breaker, lines } = await start(t);
    const { failureThreshold, probesRequired, openTime } = breaker.engine.explain();
    assert.deepEqual(
      { failureThreshold, probesRequired, openTime },
      {
        ...{ failureThreshold: 5, probesRequired: 2, openTime: 60_000 },
      },
    );
    assert.ok(lines.includes('Conexxus environment validation passed'));
    assert.ok(lines.includes('Circuit breaker initialized'));
  });
});

describe('Success path', () => {
  it('passes the items of the API on, and stores them', async (t) => {
    const { conexxus, prisma } = await start(t);
    assert.deepEqual(await conexxus.syncInventory(), { items: 3 });
    assert.deepEqual(
      (await prisma.inventoryItem.findMany()).map(({ sku }) => sku),
      ['A1', 'B2', 'C3'],
    );
  });

  it('counts successes, and stays closed', async (t) => {
    const { conexxus } = await start(t);
    for (let call = 0; call < 20; call++) await conexxus.syncInventory();
    const { state, totalSuccesses, totalFailures } = conexxus.getCircuitBreakerStats();
    assert.deepEqual([state, totalSuccesses, totalFailures], ['CLOSED', 20, 0]);
  });
});

describe('Failure path', () => {
  it('passes the error of the API on', async (t) => {
    const [error] = await fail(await start(t), 1);
    assert.equal(error?.message, 'Request failed with status code 500');
  });

  it('stays closed after four failures', async (t) => {
    const started = await start(t);
    await fail(started, 4);
    assert.equal(started.breaker.getState(), 'CLOSED');
  });

  it('opens after five failures, and then sends nothing', async (t) => {
    const started = await start(t);
    const errors = await fail(started, 8);
    assert.equal(started.breaker.getState(), 'OPEN');
    assert.equal(started.upstream.requests, 5);
    assert.deepEqual(
      errors.slice(5).map(({ message }) => message),
      Array(3).fill('Circuit breaker is OPEN'),
    );
  });
});

describe('Circuit recovery', () => {
  it('admits a call after the open time, and closes after two successes', async (t) => {
    const started = await start(t, {}, { now: Date.now() });
    await fail(started, 5);
    started.minuteLater();
    started.upstream.behaviour = 'healthy';
    await started.conexxus.syncInventory();
    assert.equal(started.breaker.getState(), 'HALF_OPEN');
    await started.conexxus.syncInventory();
    assert.equal(started.breaker.getState(), 'CLOSED');
  });

  it('opens again if the first call after the open time fails', async (t) => {
    const started = await start(t, {}, { now: Date.now() });
    await fail(started, 5);
    started.minuteLater();
    await fail(started, 1);
    assert.equal(started.upstream.requests, 6);
    assert.equal(started.breaker.getState(), 'OPEN');
  });

  it('has the time of the next attempt while it is open', async (t) => {
    const started = await start(t);
    await fail(started, 5);
    const { nextAttemptTime } = started.conexxus.getCircuitBreakerStats();
    const wait = (nextAttemptTime?.getTime() ?? 0) - Date.now();
    assert.ok(wait > 0 && wait <= 60_000, `${wait}`);
  });
});

describe('Statistics', () => {
  it('counts requests, failures, successes and rejections', async (t) => {
    const started = await start(t);
    await started.conexxus.syncInventory();
    await fail(started, 7);
    const { totalRequests, totalFailures, totalSuccesses } = started.conexxus.getCircuitBreakerStats();
    assert.deepEqual([totalRequests, totalFailures, totalSuccesses], [8, 5, 1]);
  });

  it('has the times of the last failure and the last success as dates', async (t) => {
    const started = await start(t);
    await started.conexxus.syncInventory();
    await fail(started, 1);
    const { lastFailureTime, lastSuccessTime } = started.conexxus.getCircuitBreakerStats();
    assert.ok(lastFailureTime instanceof Date && lastSuccessTime instanceof Date);
    assert.ok(lastFailureTime >= lastSuccessTime);
  });
});

describe('State management', () => {
  it('closes at once when it is reset', async (t) => {
    const started = await start(t);
    await fail(started, 5);
    started.breaker.reset();
    started.upstream.behaviour = 'healthy';
    assert.deepEqual(await started.conexxus.syncInventory(), { items: 3 });
  });

  it('logs every change of the state', async (t) => {
    const started = await start(t, {}, { now: Date.now() });
    await fail(started, 5);
    started.minuteLater();
    started.upstream.behaviour = 'healthy';
    for (let call = 0; call < 2; call++) await started.conexxus.syncInventory();
    assert.deepEqual(
      started.lines.filter((line) => line.startsWith('Circuit breaker state')).map((line) => line.slice(23, -1)),
      [
        'CLOSED to OPEN (failure-threshold',
        'OPEN to HALF_OPEN (open-time-elapsed',
        'HALF_OPEN to CLOSED (probes-succeeded',
      ],
    );
  });

  it('keeps what an operator forces until it is released', async (t) => {
    const { breaker, conexxus, upstream } = await start(t);
    breaker.engine.forceOpen();
    await assert.rejects(conexxus.syncInventory(), OPEN);
    breaker.engine.releaseOverride();
    assert.deepEqual(await conexxus.syncInventory(), { items: 3 });
    assert.equal(upstream.requests, 1);
  });
});

describe('Edge cases', () => {
  it('forgets failures that are older than the monitoring period', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const breaker = new CircuitBreaker({ logger: false });
    const down = () => breaker.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
    for (let call = 0; call < 4; call++) await down();
    t.mock.timers.tick(60_000);
    for (let call = 0; call < 4; call++) await down();
    assert.equal(breaker.getState(), 'CLOSED');
  });

  it('counts an API that cannot be reached as failed', async (t) => {
    const started = await start(t, { CONEXXUS_API_URL: 'http://127.0.0.1:1' });
    const errors = await fail(started, 6);
    assert.match(String(errors[0]?.message), /ECONNREFUSED/);
    assert.equal(errors[5]?.message, OPEN.message);
  });

  it('counts a key that the API does not know as failed, and does not repeat the request', async (t) => {
    const variables = { CONEXXUS_API_KEY: 'another-key-0', CONEXXUS_RETRIES: '3' };
    const { conexxus, upstream, breaker } = await start(t, variables);
    await assert.rejects(conexxus.syncInventory(), { message: 'Request failed with status code 401' });
    assert.deepEqual([upstream.requests, breaker.getStats().failureCount], [1, 1]);
  });

  it('rejects options that are no numbers, under the names of the document', () => {
    assert.throws(() => new CircuitBreaker({ failureThreshold: 0, timeout: '1m' as never, logger: false }), {
      message: /(?=.*failureThreshold must )(?=.*timeout must )/s,
    });
  });
});

describe('Concurrent requests', () => {
  it('opens once under a hundred calls at a time, and probes with one', async (t) => {
    const started = await start(t, { CONEXXUS_CONNECTIONS: '100' }, { now: Date.now() });
    const { upstream, conexxus, breaker } = started;
    upstream.behaviour = 'failing';
    await Promise.allSettled(Array.from({ length: 100 }, () => conexxus.syncInventory()));
    assert.equal(breaker.getState(), 'OPEN');
    assert.equal(started.lines.filter((line) => line.includes('CLOSED to OPEN')).length, 1);
    started.minuteLater();
    const before = upstream.requests;
    await Promise.allSettled(Array.from({ length: 100 }, () => conexxus.syncInventory()));
    assert.equal(upstream.requests - before, 1);
  });
});
