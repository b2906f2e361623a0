/** Retries, limits and secrets of the HTTP client. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { fail, KEY, rowsOf, start } from './support.ts';

describe('Retries', () => {
  it('makes four requests, after 1, 2 and 4 delays', async (t) => {
    const { conexxus, upstream } = await start(t, { CONEXXUS_RETRIES: '3', CONEXXUS_RETRY_DELAY: '40' });
    upstream.behaviour = 'failing';
    const times: number[] = [];
    upstream.onRequest = () => times.push(performance.now());
    await assert.rejects(conexxus.syncInventory(), { message: 'Request failed with status code 500' });
    const delays = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    assert.equal(delays.length, 3);
    // A timer is never early, but for the rounding of a millisecond.
    delays.forEach((delay, index) => assert.ok(delay >= 39 * 2 ** index, `${delay}`));
  });

  it('succeeds as soon as the API does, and counts that as one success', async (t) => {
    const { conexxus, upstream, breaker } = await start(t, { CONEXXUS_RETRIES: '3', CONEXXUS_RETRY_DELAY: '1' });
    upstream.behaviour = 'failing';
    upstream.onRequest = (number) => {
      if (number === 3) upstream.behaviour = 'healthy';
    };
    assert.deepEqual(await conexxus.syncInventory(), { items: 3 });
    const { totalFailures, totalSuccesses } = breaker.getStats();
    assert.deepEqual([upstream.requests, totalFailures, totalSuccesses], [3, 0, 1]);
  });

  it('stores each sale once at the API, although requests are repeated', async (t) => {
    const variables = { CONEXXUS_RETRIES: '3', CONEXXUS_RETRY_DELAY: '1', CONEXXUS_TIMEOUT: '300' };
    const { conexxus, upstream, prisma } = await start(t, variables);
    await prisma.sale.createMany({
      data: Array.from({ length: 5 }, (_, number) => ({ sku: `A${number}`, quantity: 1 })),
    });
    upstream.behaviour = 'losing answers';
    upstream.onRequest = (number) => {
      if (number === 3) upstream.behaviour = 'healthy';
    };
    assert.deepEqual(await conexxus.pushSales(), { sales: 5 });
    assert.equal(upstream.sales.size, 5);
    assert.equal(await prisma.sale.count({ where: { pushedAt: null } }), 0);
    assert.deepEqual(await conexxus.pushSales(), { sales: 0 });
    assert.equal(upstream.requests, 3);
  });
});

describe('Limits', () => {
  it('ends a call to an API that hangs after the time of three attempts, and closes its connections', async (t) => {
    const variables = { CONEXXUS_RETRIES: '3', CONEXXUS_RETRY_DELAY: '10', CONEXXUS_TIMEOUT: '50' };
    const { conexxus, upstream } = await start(t, variables);
    upstream.behaviour = 'hanging';
    await assert.rejects(conexxus.syncInventory(), { message: /timeout/ });
    await upstream.idle();
    assert.ok(upstream.requests <= 3, `${upstream.requests}`);
  });

  it('opens no more connections than allowed, and rejects what does not fit into the queue', async (t) => {
    const { conexxus, upstream, breaker } = await start(t, { CONEXXUS_CONNECTIONS: '2', CONEXXUS_TIMEOUT: '200' });
    upstream.behaviour = 'hanging';
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => conexxus.syncInventory()));
    const names = results.map((result) => (result as PromiseRejectedResult).reason.name as string);
    assert.equal(names.filter((name) => name === 'BulkheadFullError').length, 8);
    assert.equal(upstream.mostAtOnce, 2);
    // The queue of this process says nothing about the API.
    assert.equal(breaker.getStats().totalFailures, 22);
  });

  it('refuses an answer of more than 50 MB', async (t) => {
    const { conexxus, upstream } = await start(t);
    upstream.behaviour = 'too large';
    await assert.rejects(conexxus.syncInventory(), { message: /maxContentLength size of 52428800 exceeded/ });
  });

  it('follows no more than five redirects', async (t) => {
    const { conexxus, upstream } = await start(t);
    upstream.behaviour = 'redirecting';
    await assert.rejects(conexxus.syncInventory(), { message: /Maximum number of redirects exceeded/ });
    assert.equal(upstream.requests, 6);
  });

  it('keeps no answer of a failed call in memory', async (t) => {
    const started = await start(t);
    await fail(started, 6);
    const { lastError } = started.breaker.engine.getStats();
    assert.deepEqual(Object.keys(lastError ?? {}).sort(), ['code', 'message', 'name']);
  });
});

describe('The API key', () => {
  it('is in no log line, row, statistic, response or error', async (t) => {
    const started = await start(t);
    const errors = await fail(started, 7);
    const { conexxus, breaker, ask } = started;
    const shown = [
      ...started.lines,
      ...errors.slice(5).map((error) => inspect(error, { depth: 20 })),
      JSON.stringify(await rowsOf(started)),
      inspect([conexxus.getCircuitBreakerStats(), await conexxus.getHealthStatus(), breaker.engine.toJSON()], {
        depth: 9,
      }),
    ];
    for (const route of [
      '/conexxus/stats',
      '/conexxus/health',
      '/conexxus/failures',
      '/ops/breakers/conexxus',
      '/ops/events',
    ]) {
      const { status, text } = await ask('GET', route);
      assert.equal(status, 200, route);
      shown.push(text);
    }
    for (const text of shown) assert.ok(!text.includes(KEY), text);
  });
});
