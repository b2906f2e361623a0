/** Settings, which are checked at the start, and the stores that they choose. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import Redis from 'ioredis';
import {
  CachedDataFallbackStrategy,
  CircuitBreaker,
  CircuitBreakerConfigs,
  redisAnswers,
} from '../lib/circuit-breaker.ts';
import { embeddedDatabase } from '../lib/database/embedded.ts';
import { createTables } from '../lib/campaigns/schema.ts';
import { readSettings } from '../lib/settings.ts';
import { startRedis } from './servers.ts';
import { until } from './support.ts';

const url = 'http://127.0.0.1:1';
const variables = {
  ADMIN_TOKEN: 'admin-token',
  N8N_INSTANCE_URL: url,
  N8N_API_KEY: 'n8n-key',
  UNIPILE_URL: url,
  REACHINBOX_URL: url,
  LINKEDIN_URL: url,
  APOLLO_URL: url,
  LEADS_URL: url,
};

test('readSettings has the numbers of the document for each environment', () => {
  const of = (CAMPAIGN_ENV: string) => readSettings({ ...variables, CAMPAIGN_ENV }).breakers;
  const numbers = { failureThreshold: 3, timeout: 5_000, resetTimeout: 15_000 };
  for (const config of Object.values(of('development').services)) assert.deepEqual({ ...config, ...numbers }, config);
  assert.equal(of('staging').database.timeout, 8_000);
  assert.deepEqual(of('production').database, CircuitBreakerConfigs.DATABASE);
  assert.deepEqual(of('production').services.linkedin, CircuitBreakerConfigs.LINKEDIN);
  const overridden = readSettings({ ...variables, BREAKER_RESET_TIMEOUT: '700' }).breakers;
  assert.deepEqual([overridden.n8n.resetTimeout, overridden.n8n.timeout], [700, 15_000]);
});

test('readSettings throws one error with every problem, and without a secret', () => {
  const wrong = { CAMPAIGN_ENV: 'test', ADMIN_TOKEN: 'short', N8N_INSTANCE_URL: 'nowhere', BREAKER_TIMEOUT: '10s' };
  assert.throws(
    () => readSettings(wrong),
    ({ message }: Error) => {
      const names = ['CAMPAIGN_ENV', 'ADMIN_TOKEN', 'N8N_INSTANCE_URL', 'N8N_API_KEY', 'APOLLO_URL', 'BREAKER_TIMEOUT'];
      for (const name of names) assert.ok(message.includes(name), name);
      return !message.includes('short"');
    },
  );
});

test('the embedded database keeps its data in a folder, and rolls back what fails', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'campaign-embedded-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const first = embeddedDatabase(path.join(folder, 'database'));
  await createTables(first);
  await first.transaction((connection) => connection.query("INSERT INTO accounts VALUES ('kept', 7)"));
  const failing = first.transaction(async (connection) => {
    await connection.query("UPDATE accounts SET credits = 1 WHERE id = 'kept'");
    throw new Error('no');
  });
  await assert.rejects(failing, { message: 'no' });
  await first.close();
  const second = embeddedDatabase(path.join(folder, 'database'));
  const { rows } = await second.query({ text: 'SELECT credits FROM accounts WHERE id = $1', values: ['kept'] });
  assert.deepEqual(rows, [{ credits: '7' }]);
  await second.close();
});

test('cached answers are in Redis, where another process finds them, and nobody waits for a Redis that is away', async (t) => {
  const redis = await startRedis();
  const clients = [redis.url, redis.url].map(
    (url) => new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, retryStrategy: () => null }),
  );
  t.after(() => clients.forEach((client) => client.disconnect()));
  const [first, second] = (await Promise.all(
    clients.map(async (client) => {
      client.on('error', () => undefined);
      if (client.status !== 'ready') await once(client, 'ready');
      const cached = new CachedDataFallbackStrategy({ store: redisAnswers(client, 'campaign:') });
      return new CircuitBreaker('database', {}, { logger: false, fallbackStrategies: [cached] });
    }),
  )) as [CircuitBreaker<CachedDataFallbackStrategy>, CircuitBreaker<CachedDataFallbackStrategy>];
  await first.execute(async () => [{ id: 1 }], { key: 'rows' });
  const fail = () => Promise.reject(new Error('away'));
  await until('Redis has the answer', async () => (await clients[0]?.keys('campaign:*'))?.length === 1);
  assert.deepEqual(await second.execute(fail, { key: 'rows' }), [{ id: 1 }]);
  await redis.stop();
  await assert.rejects(second.execute(fail, { key: 'rows' }), { message: 'away' });
  assert.deepEqual(await first.execute(fail, { key: 'rows' }), [{ id: 1 }]);
});
