/** Tests of conexxus against its document: code, numbers, shapes and messages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import axios from 'axios';
import {
  CircuitBreaker,
  clientOptions,
  healthStatus,
  retryOptions,
  syncFailureLogger,
  validateEnvironment,
} from '@fusewire/dialects/conexxus';
import type { SyncFailureRecord } from '@fusewire/dialects/conexxus';
import { ConexxusHttpClient } from './fixtures/conexxus/after.ts';
import { ConexxusHttpClient as ClientBefore } from './fixtures/conexxus/before.ts';
import { blockOf, serve, valueOf } from './support.ts';

const lines: string[] = [];
const write = (line: string) => lines.push(line);
const logger = { log: write, warn: write, error: write };
const environment = validateEnvironment(
  { CONEXXUS_API_URL: 'http://127.0.0.1', CONEXXUS_API_KEY: '0123456789' },
  { logger: false },
);

/** Returns the client of the document, a server for it, and the records that it writes. */
async function service(t: TestContext) {
  const api = { healthy: true, requests: 0 };
  const baseURL = await serve(t, (_request, response) => {
    api.requests++;
    response.writeHead(api.healthy ? 200 : 500, { 'Content-Type': 'application/json' });
    response.end('{"data":[{"id":1}]}');
  });
  const records: SyncFailureRecord[] = [];
  const circuitBreaker = new CircuitBreaker({ logger });
  const eventLog = { create: async ({ data }: { data: SyncFailureRecord }) => records.push(data) };
  const logSyncFailure = syncFailureLogger({ eventLog, circuitBreaker, environment, logger });
  const http = axios.create({ ...clientOptions(environment), baseURL });
  const client = Object.assign(new ConexxusHttpClient(), { client: http, circuitBreaker, logSyncFailure });
  const before = Object.assign(new ClientBefore(), { client: http });
  return { api, records, circuitBreaker, client, before };
}

test('the client of the document works before and after the migration, through an outage', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-01-02T00:00:00Z') });
  const { api, records, circuitBreaker, client, before } = await service(t);
  assert.deepEqual(await client.fetchInventoryItems(), await before.fetchInventoryItems());

  api.healthy = false;
  for (let call = 0; call < 5; call++) {
    await assert.rejects(client.fetchInventoryItems(), { name: 'AxiosError', message: /status code 500/ });
  }
  const { requests } = api;
  await assert.rejects(client.fetchInventoryItems(), { message: 'Circuit breaker is OPEN' });
  assert.equal(api.requests, requests);
  assert.equal(records.length, 5);
  assert.match(healthStatus(circuitBreaker, { apiConnection: false }).lastError as string, /^Circuit breaker is OPEN/);

  t.mock.timers.tick(60_000);
  assert.equal(circuitBreaker.getState(), 'HALF_OPEN');
  await assert.rejects(client.fetchInventoryItems(), { message: /status code 500/ });
  assert.equal(circuitBreaker.getState(), 'OPEN');
  assert.equal(records.at(-1)?.payload.circuitBreakerState, 'HALF_OPEN');

  t.mock.timers.tick(60_000);
  api.healthy = true;
  for (let probe = 0; probe < 2; probe++) await client.fetchInventoryItems();
  assert.equal(circuitBreaker.getState(), 'CLOSED');
  assert.ok(lines.includes('Circuit breaker initialized'));

  const documented = keysOf(blockOf('conexxus/event-log.txt'));
  const [record] = records;
  assert.ok(record);
  assert.deepEqual([...allKeys(record)].sort(), documented.filter((key) => key !== 'data').sort());
  assert.equal(record.eventType, 'conexxus.sync.failed.fetch_inventory');
  assert.equal(record.aggregateId, `conexxus-${Date.parse(record.payload.timestamp)}`);
  assert.equal(record.payload.circuitBreakerState, 'CLOSED');
  assert.deepEqual(record.metadata, { baseURL: 'http://127.0.0.1', timeout: 30_000, retries: 3 });
});

test('CircuitBreaker has the numbers of the document as defaults', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] });
  const documented = valueOf(blockOf('conexxus/configuration.txt'));
  const [byDefault, byOptions] = [new CircuitBreaker({ logger }), new CircuitBreaker({ ...documented, logger })];
  for (const breaker of [byDefault, byOptions]) {
    const { failureThreshold, probesRequired, openTime } = breaker.engine.explain();
    assert.deepEqual(
      { failureThreshold, successThreshold: probesRequired, timeout: openTime },
      {
        failureThreshold: documented['failureThreshold'],
        successThreshold: documented['successThreshold'],
        timeout: documented['timeout'],
      },
    );
    await assert.rejects(breaker.execute(() => Promise.reject(new Error('down'))));
    assert.equal(breaker.getStats().failureCount, 1);
  }
  t.mock.timers.tick(documented['monitoringPeriod'] as number);
  for (const breaker of [byDefault, byOptions]) assert.equal(breaker.getStats().failureCount, 0);
});

test('getStats returns the documented fields', async () => {
  const documented = keysOf(blockOf('conexxus/statistics.txt').split('// Returns:')[1] as string);
  const breaker = new CircuitBreaker({ logger, failureThreshold: 1 });
  assert.deepEqual(Object.keys(breaker.getStats()), documented);
  await breaker.execute(async () => 1);
  await assert.rejects(breaker.execute(() => Promise.reject(new Error('down'))));
  await assert.rejects(breaker.execute(async () => 1));
  const { lastFailureTime, lastSuccessTime, nextAttemptTime, ...counts } = breaker.getStats();
  for (const time of [lastFailureTime, lastSuccessTime, nextAttemptTime]) assert.ok(time instanceof Date);
  assert.deepEqual(counts, {
    state: 'OPEN',
    failureCount: 1,
    successCount: 1,
    totalRequests: 3,
    totalFailures: 1,
    totalSuccesses: 1,
  });
});

test('healthStatus returns the documented fields', () => {
  const documented = keysOf(blockOf('conexxus/health.txt').split('// Returns:')[1] as string);
  const sync = { lastSyncTime: new Date(), lastSyncStatus: 'partial', lastError: 'slow', apiConnection: true } as const;
  const { state, ...status } = healthStatus(new CircuitBreaker({ logger }), sync);
  assert.deepEqual(Object.keys(status), documented);
  // The release gate: "Includes circuit breaker state".
  assert.equal(state, 'CLOSED');
});

test('clientOptions and retryOptions return the documented limits', () => {
  const {
    retryDelay: _,
    retries,
    ...limits
  } = valueOf(blockOf('conexxus/limits.txt').replace('exponential backoff', '"exponential"'));
  assert.deepEqual(clientOptions(environment), { baseURL: 'http://127.0.0.1', ...limits });
  assert.equal(retryOptions(environment).attempts, (retries as number) + 1);
});

test('validateEnvironment makes each documented validation', () => {
  const [, ...values] =
    /CONEXXUS_API_URL=(\S+)\nCONEXXUS_API_KEY=(\S+)/.exec(blockOf('conexxus/environment.txt')) ?? [];
  const [CONEXXUS_API_URL, CONEXXUS_API_KEY] = values;
  const valid = { CONEXXUS_API_URL, CONEXXUS_API_KEY };
  assert.equal(validateEnvironment(valid, { logger }).CONEXXUS_RETRY_DELAY, 1_000);
  assert.equal(lines.at(-1), 'Conexxus environment validation passed');
  const invalidVariables: [string, Record<string, string | undefined>][] = [
    ['CONEXXUS_API_URL is not configured', { CONEXXUS_API_URL: undefined }],
    ['CONEXXUS_API_URL points to example domain', { CONEXXUS_API_URL: 'https://api.example.com' }],
    [
      'CONEXXUS_API_URL must start with http:// or https://',
      { CONEXXUS_API_URL: 'ftp://api.conexxus.real-domain.com' },
    ],
    ['CONEXXUS_API_KEY is not configured', { CONEXXUS_API_KEY: '' }],
    ['CONEXXUS_API_KEY is too short, it takes at least 10 characters', { CONEXXUS_API_KEY: 'short' }],
  ];
  assert.equal(invalidVariables.length, blockOf('conexxus/validations.txt').match(/✅/g)?.length);
  for (const [message, invalid] of invalidVariables) {
    assert.throws(() => validateEnvironment({ ...valid, ...invalid }, { logger }), {
      message: `Conexxus configuration errors: ${message}`,
    });
  }
  assert.throws(() => validateEnvironment({ CONEXXUS_TIMEOUT: '30s' }, { logger }), {
    message:
      /^Conexxus configuration errors: CONEXXUS_API_URL is not configured; CONEXXUS_API_KEY is not configured; CONEXXUS_TIMEOUT must be/,
  });
});

/** Returns the field names of a block that shows a shape. */
function keysOf(block: string): string[] {
  return [...block.matchAll(/^\s+(\w+):/gm)].map(([, key]) => key as string);
}

function allKeys(record: object): Set<string> {
  const nested = Object.values(record).filter((value) => typeof value === 'object' && value !== null);
  return new Set([...Object.keys(record), ...nested.flatMap((value: object) => [...allKeys(value)])]);
}
