// Examples of the documentation of opossum. They differ from it in one point: only the name in the import is another.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, mock } from 'node:test';
import { promisify } from 'node:util';
import CircuitBreaker from '@fusewire/opossum';
import { advance, sleep, startTime } from './fake-time.ts';

describe('CircuitBreaker', () => {
  it('protects an action', async () => {
    const options = { timeout: 3_000, errorThresholdPercentage: 50, resetTimeout: 30_000 };
    const breaker = new CircuitBreaker(async (x: number, y: number) => x + y, options);
    assert.equal(await breaker.fire(1, 2), 3);
  });

  it('aborts a request after the timeout, and renews the signal', async () => {
    const server = http.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const get = (signal: AbortSignal | undefined) =>
      new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port, ...(signal && { signal }) };
        http.get(options, ({ statusCode }) => resolve(statusCode)).on('error', reject);
      });
    startTime();
    try {
      const breaker = new CircuitBreaker(get, { autoRenewAbortController: true, timeout: 50, resetTimeout: 20 });
      const first = breaker.getSignal();
      const call = assert.rejects(breaker.fire(first), { code: 'ETIMEDOUT' });
      const [request] = (await once(server, 'request')) as [http.IncomingMessage];
      const closed = new Promise((resolve) => request.on('close', resolve));
      await advance(50);
      await call;
      await closed;
      assert.equal(first?.aborted, true);
      await advance(20);
      assert.equal(breaker.halfOpen, true);
      assert.equal(breaker.getSignal()?.aborted, false);
      breaker.shutdown();
    } finally {
      mock.timers.reset();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('emits the result of the fallback', async () => {
    const breaker = new CircuitBreaker(async (_delay: number, ..._rest: number[]): Promise<string> => {
      throw new Error('out of service');
    });
    const reported: unknown[] = [];
    breaker.on('fallback', (result) => reported.push(result));
    breaker.fallback((delay, a, b, c) => `sorry: ${delay}, ${a}, ${b}, ${c}`);
    assert.equal(await breaker.fire(20_000, 1, 2, 3), 'sorry: 20000, 1, 2, 3');
    assert.deepEqual(reported, ['sorry: 20000, 1, 2, 3']);
  });

  it('passes state and stats to another process', async () => {
    const action = async (): Promise<never> => {
      throw new Error('down');
    };
    const before = new CircuitBreaker(action, { name: 'lambda' });
    await before.fire().catch(() => undefined);
    const saved = JSON.stringify(before);
    before.shutdown();
    const { state, status } = JSON.parse(saved) as ReturnType<typeof before.toJSON>;
    const after = new CircuitBreaker(action, { state, status: CircuitBreaker.newStatus({ stats: status }) });
    assert.deepEqual([after.opened, after.stats.failures], [true, 1]);
    await assert.rejects(after.fire(), { code: 'EOPENBREAKER' });
  });

  it('accepts promisified functions, and values', async () => {
    const file = new CircuitBreaker(promisify(readFile));
    assert.match(String(await file.fire(import.meta.filename)), /only the name in the import/);
    assert.equal(await new CircuitBreaker('foo').fire(), 'foo');
  });

  it('moves from closed to open to half-open to closed', async () => {
    let isDown = true;
    const breaker = new CircuitBreaker(
      async () => {
        await sleep(1);
        if (isDown) throw new Error('down');
        return 'up';
      },
      { resetTimeout: 10 },
    );
    const emitted: string[] = [];
    for (const event of ['open', 'halfOpen', 'close'] as const) breaker.on(event, () => emitted.push(event));
    await assert.rejects(breaker.fire(), { message: 'down' });
    await once(breaker, 'halfOpen');
    await assert.rejects(breaker.fire(), { message: 'down' });
    await once(breaker, 'halfOpen');
    isDown = false;
    assert.equal(await breaker.fire(), 'up');
    assert.deepEqual(emitted, ['open', 'halfOpen', 'open', 'halfOpen', 'close']);
  });
});
