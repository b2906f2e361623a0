// What the documentation of opossum shows how to do, done with this package: only the name in the import is another.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import { promisify } from 'node:util';
import CircuitBreaker from '@fusewire/opossum';
import { sleep } from './fake-time.ts';

it('protects an action', async () => {
  const options = { timeout: 3_000, errorThresholdPercentage: 50, resetTimeout: 30_000 };
  const breaker = new CircuitBreaker(async (x: number, y: number) => x + y, options);
  assert.equal(await breaker.fire(1, 2), 3);
});

it('aborts a request that takes too long, and the next one gets a signal of its own', async () => {
  const aborted: boolean[] = [];
  const server = http.createServer((request) => request.on('close', () => aborted.push(true)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const get = (signal: AbortSignal | undefined) =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, ...(signal && { signal }) };
      http.get(options, ({ statusCode }) => resolve(statusCode)).on('error', reject);
    });
  const breaker = new CircuitBreaker(get, { autoRenewAbortController: true, timeout: 50, resetTimeout: 20 });
  const first = breaker.getSignal();
  await assert.rejects(breaker.fire(first), { code: 'ETIMEDOUT' });
  assert.equal(first?.aborted, true);
  await once(breaker, 'halfOpen');
  assert.equal(breaker.getSignal()?.aborted, false);
  breaker.shutdown();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  assert.deepEqual(aborted, [true]);
});

it('falls back, and tells of it', async () => {
  const breaker = new CircuitBreaker(async (_delay: number, ..._rest: number[]): Promise<string> => {
    throw new Error('out of service');
  });
  const reported: unknown[] = [];
  breaker.on('fallback', (result) => reported.push(result));
  breaker.fallback((delay, a, b, c) => `sorry: ${delay}, ${a}, ${b}, ${c}`);
  assert.equal(await breaker.fire(20_000, 1, 2, 3), 'sorry: 20000, 1, 2, 3');
  assert.deepEqual(reported, ['sorry: 20000, 1, 2, 3']);
});

it('hands state and stats to the next process', async () => {
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

it('takes functions with callbacks, made into promises, and things that are no functions', async () => {
  const file = new CircuitBreaker(promisify(readFile));
  assert.match(String(await file.fire(import.meta.filename)), /only the name in the import/);
  assert.equal(await new CircuitBreaker('foo').fire(), 'foo');
});

it('goes from closed to open to half-open to closed', async () => {
  let isDown = true;
  const breaker = new CircuitBreaker(
    async () => {
      await sleep(1);
      if (isDown) throw new Error('down');
      return 'up';
    },
    { resetTimeout: 10 },
  );
  const told: string[] = [];
  for (const event of ['open', 'halfOpen', 'close'] as const) breaker.on(event, () => told.push(event));
  await assert.rejects(breaker.fire(), { message: 'down' });
  await once(breaker, 'halfOpen');
  await assert.rejects(breaker.fire(), { message: 'down' });
  await once(breaker, 'halfOpen');
  isDown = false;
  assert.equal(await breaker.fire(), 'up');
  assert.deepEqual(told, ['open', 'halfOpen', 'open', 'halfOpen', 'close']);
});
