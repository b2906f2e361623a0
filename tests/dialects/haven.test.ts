/** Tests of haven against its document: code, numbers, shapes and messages. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import axios from 'axios';
import { CircuitBreakerManager, circuitBreakerManager } from '@fusewire/dialects/haven';
import type { CircuitBreakerStats } from '@fusewire/dialects/haven';
import { blockOf, optionsOf, serve, settle, valueOf } from './support.ts';

type Configuration = Record<string, { failureThreshold: number; timeout: number; resetTimeout: number }>;
const configuration = optionsOf(blockOf('haven/configuration.txt')) as Configuration;
const fail = () => Promise.reject(new Error('no connection'));

circuitBreakerManager.configure({ logger: false });
beforeEach(() => circuitBreakerManager.resetAll());

test('the protected call of the document opens its circuit when the server fails', async (t) => {
  let healthy = true;
  let requests = 0;
  const tokenUrl = await serve(t, (_request, response) => {
    requests++;
    response.writeHead(healthy ? 200 : 503, { 'Content-Type': 'application/json' });
    response.end('{"access_token":"token"}');
  });
  Object.assign(globalThis, { axios, tokenUrl });
  // @ts-expect-error: a module of JavaScript without declarations
  const { getMpesaAccessToken } = (await import('./fixtures/haven/mpesa.js')) as {
    getMpesaAccessToken(): Promise<string>;
  };
  assert.equal(await getMpesaAccessToken(), 'token');

  healthy = false;
  for (let call = 0; call < 3; call++) {
    await assert.rejects(getMpesaAccessToken(), { name: 'AxiosError', message: /status code 503/ });
  }
  await assert.rejects(getMpesaAccessToken(), valueOf(blockOf('haven/open-error.txt')));
  assert.equal(requests, 4);
  assert.equal(circuitBreakerManager.getStats('mpesa')?.state, 'OPEN');
});

test('the breakers have the numbers of the document, and act on them', async (t) => {
  assert.deepEqual(Object.keys(configuration), ['mpesa', 'pesapal', 'kcb', 'email', 'sms', 'whatsapp']);
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.parse('2024-01-15T10:00:00Z') });
  for (const [name, { failureThreshold, timeout, resetTimeout }] of Object.entries(configuration)) {
    const breaker = circuitBreakerManager.get(name);
    assert.ok(breaker, name);
    const slow = assert.rejects(
      breaker.execute(() => new Promise(() => {})),
      { message: `Circuit breaker ${name} timeout after ${timeout}ms`, timeout: true },
    );
    t.mock.timers.tick(timeout - 1);
    await settle();
    assert.equal(breaker.getStats().failureCount, 0);
    t.mock.timers.tick(1);
    await slow;
    for (let failures = 1; failures < failureThreshold; failures++) {
      assert.equal(breaker.state, 'CLOSED');
      await assert.rejects(breaker.execute(fail), { message: 'no connection' });
    }
    await assert.rejects(breaker.execute(fail), {
      message: new RegExp(`^Circuit breaker ${name} is OPEN`),
      circuitBreakerOpen: true,
    });
    assert.equal(breaker.getStats().nextAttempt, new Date(Date.now() + resetTimeout).toISOString());
    t.mock.timers.tick(resetTimeout - 1);
    assert.equal(breaker.state, 'OPEN');
    t.mock.timers.tick(1);
    assert.equal(breaker.state, 'HALF_OPEN');
    for (let probe = 0; probe < 2; probe++) await breaker.execute(async () => 'fine');
    assert.equal(breaker.state, 'CLOSED');
  }
});

test('getAllStats returns the documented fields', async () => {
  const [statement, returns] = blockOf('haven/statistics.txt').split('// Returns:') as [string, string];
  const documented = JSON.parse(returns) as Record<string, CircuitBreakerStats>;
  const manager = new CircuitBreakerManager();
  manager.configure({ logger: false });
  const [mpesa, pesapal] = [manager.create('mpesa'), manager.create('pesapal', { failureThreshold: 5 })];
  for (let call = 0; call < 15; call++) await mpesa.execute(async () => 'fine');
  for (let call = 0; call < 5; call++) await assert.rejects(pesapal.execute(fail));

  const run = new Function('circuitBreakerManager', `${statement}; return stats;`);
  const stats = run(manager) as Record<string, CircuitBreakerStats>;
  assert.deepEqual(stats['mpesa'], documented['mpesa']);
  assert.equal(stats['pesapal']?.state, documented['pesapal']?.state);
  assert.equal(stats['pesapal']?.failureCount, documented['pesapal']?.failureCount);
  assert.match(String(stats['pesapal']?.nextAttempt), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const known = new Set(Object.values(documented).flatMap((each) => Object.keys(each)));
  for (const each of Object.values(stats)) assert.ok(Object.keys(each).every((key) => known.has(key)));
});

test('CircuitBreaker rejects with the documented message after a timeout', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const slow = assert.rejects(
    circuitBreakerManager.get('mpesa')?.execute(() => new Promise(() => {})) as Promise<unknown>,
    valueOf(blockOf('haven/timeout-error.txt')),
  );
  t.mock.timers.tick(30_000);
  await slow;
});

test('simulateFailure and simulateTimeout handle the documented requests', async (t) => {
  const [failure, timeout] = [...blockOf('haven/manual-testing.txt').matchAll(/^\{.*?^\}/gms)].map(
    ([body]) => JSON.parse(body) as never,
  );
  const { results, stats } = await circuitBreakerManager.simulateFailure(failure as never);
  assert.deepEqual(
    results.map(({ error, circuitBreakerOpen }) => [error, circuitBreakerOpen]),
    [
      ...Array.from({ length: 3 }, () => ['Simulated failure', false]),
      ...Array.from({ length: 2 }, () => ['Circuit breaker test-service is OPEN', true]),
    ],
  );
  assert.equal(stats.state, 'OPEN');
  assert.equal(circuitBreakerManager.get('test-service'), undefined);

  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const simulation = circuitBreakerManager.simulateTimeout(timeout as never);
  t.mock.timers.tick(6_000);
  const { timeout: timedOut, error, delay } = await simulation;
  assert.deepEqual([timedOut, error, delay], [true, 'Circuit breaker timeout-test timeout after 5000ms', 6_000]);
});
