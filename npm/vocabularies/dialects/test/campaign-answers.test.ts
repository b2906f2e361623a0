/** Tests of what campaign adds to its document: types of answers, options of fusewire, and answers in Redis. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { memoryQueue } from 'fusewire/queue';
import {
  ApolloFallbackStrategy,
  CachedDataFallbackStrategy,
  CircuitBreaker,
  DegradedModeFallbackStrategy,
  ExternalServiceManager,
  LinkedInFallbackStrategy,
  ReachInboxFallbackStrategy,
  redisAnswers,
} from '@fusewire/dialects/campaign';
import type { AnyCircuitBreaker, FallbackStrategy, ManualReview } from '@fusewire/dialects/campaign';
import type { QueueReceipt } from 'fusewire/queue';

const silent = { logger: false } as const;
const fail = () => Promise.reject(new Error('no connection'));

async function openBy(breaker: AnyCircuitBreaker, failures: number): Promise<void> {
  for (let call = 0; call < failures; call++) await breaker.execute(fail).catch(() => {});
}

/** Compiles only if the two types are the same. */
function hasType<Wanted>() {
  return <Actual>(
    value: Actual & ([Actual] extends [Wanted] ? ([Wanted] extends [Actual] ? unknown : never) : never),
  ) => value;
}

test('CircuitBreaker has a result type with the answers of its strategies', async () => {
  const alone = new CircuitBreaker('alone', {}, silent);
  hasType<number>()(await alone.execute(async () => 1));

  const cached = new CircuitBreaker(
    'cached',
    {},
    { ...silent, fallbackStrategies: [new CachedDataFallbackStrategy()] },
  );
  hasType<number>()(await cached.execute(async () => 1));

  const degraded = new CircuitBreaker(
    'degraded',
    {},
    { ...silent, fallbackStrategies: [new CachedDataFallbackStrategy(), new DegradedModeFallbackStrategy('none')] },
  );
  hasType<number | string>()(await degraded.execute(async () => 1));
  const result = await degraded.tryExecute(async () => 1);
  assert.ok(result.status === 'success');
  hasType<number | string>()(result.value);

  const queue = memoryQueue();
  const own: FallbackStrategy<Date> = { name: 'own', priority: 3, execute: () => new Date() };
  const more = degraded.addFallbackStrategy(own);
  assert.equal(more, degraded as unknown);
  hasType<number | string | Date>()(await more.execute(async () => 1));

  const services = new ExternalServiceManager({
    ...silent,
    fallbackStrategies: {
      apollo: [new ApolloFallbackStrategy(() => ['lead'])],
      linkedin: [new LinkedInFallbackStrategy({ queue })],
      reachinbox: [new ReachInboxFallbackStrategy({ queue, operation: () => undefined })],
    },
  });
  hasType<number | string[]>()(await services.apollo.execute(async () => 1));
  hasType<number | ManualReview>()(await services.linkedin.execute(async () => 1));
  hasType<number | QueueReceipt>()(await services.execute('reachinbox', async () => 1));
  hasType<number>()(await services.unipile.execute(async () => 1));
  await queue.close();
});

test('CircuitBreaker passes the signal of the call to work with a parameter', async () => {
  const degraded = { ...silent, fallbackStrategies: [new DegradedModeFallbackStrategy('degraded')] };
  for (const extras of [silent, degraded]) {
    const breaker = new CircuitBreaker('database', {}, extras);
    const controller = new AbortController();
    const call = breaker.execute(
      ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      { signal: controller.signal },
    );
    controller.abort(new Error('the client has gone'));
    await assert.rejects(call, { message: 'the client has gone' });
    assert.equal(breaker.getMetrics().totalFailures, 0);
  }
});

test('CircuitBreaker takes every option of fusewire, and changes them while it runs', async () => {
  const config = { inFlight: { limit: 1 }, failureRateThreshold: 0.5, minimumCalls: 10 } as const;
  const breaker = new CircuitBreaker('n8n', config, silent);
  assert.equal(breaker.engine.explain().failureRateThreshold, 0.5);
  breaker.update({ failureThreshold: 2 });
  await openBy(breaker, 2);
  assert.equal(breaker.getState(), 'OPEN');
  assert.throws(() => new CircuitBreaker('n8n', { failureTreshold: 1 } as never, silent), /failureTreshold/);
});

test('CircuitBreaker leaves errors that classify ignores to the caller, also with fallbacks', async () => {
  const breaker = new CircuitBreaker(
    'contacts',
    {},
    {
      ...silent,
      classify: (outcome) => ('error' in outcome && outcome.error instanceof RangeError ? 'ignore' : undefined),
      fallbackStrategies: [new DegradedModeFallbackStrategy([])],
    },
  );
  await assert.rejects(
    breaker.execute(() => Promise.reject(new RangeError('no such page'))),
    { message: 'no such page' },
  );
  assert.deepEqual(await breaker.execute(fail), []);
});

test('ExternalServiceManager takes options by service, and a classification for all', async () => {
  const services = new ExternalServiceManager({
    ...silent,
    environment: 'development',
    configs: { apollo: { failureThreshold: 1 } },
    classify: (outcome) => ('error' in outcome && outcome.error instanceof RangeError ? 'ignore' : undefined),
  });
  assert.equal(services.unipile.engine.explain().failureThreshold, 3);
  await services.apollo.execute(() => Promise.reject(new RangeError())).catch(() => {});
  assert.equal(services.apollo.getState(), 'CLOSED');
  await openBy(services.apollo, 1);
  assert.equal(services.apollo.getState(), 'OPEN');
  assert.throws(() => new ExternalServiceManager({ configs: { twitter: {} } } as never), /configs\.twitter/);
});

/** Store of answers whose commands can be made to hang. */
function storeOf(entries = new Map<string, string>()) {
  const store = {
    entries,
    hangs: false,
    gets: 0,
    get: async (key: string) => (store.gets++, store.hangs ? new Promise<null>(() => {}) : (entries.get(key) ?? null)),
    psetex: async (key: string, _ttl: number, text: string) => void entries.set(key, text),
  };
  return store;
}

test('CachedDataFallbackStrategy finds answers of another process in its store', async () => {
  const redis = storeOf();
  const create = () => {
    const cached = new CachedDataFallbackStrategy({ store: redisAnswers(redis, 'campaign:') });
    return new CircuitBreaker('database', {}, { ...silent, fallbackStrategies: [cached] });
  };
  assert.deepEqual(await create().execute(async () => [{ id: 1 }], { key: 'campaigns' }), [{ id: 1 }]);
  assert.deepEqual([...redis.entries], [['campaign:campaigns', '[{"id":1}]']]);
  const other = create();
  assert.deepEqual(await other.execute(fail, { key: 'campaigns' }), [{ id: 1 }]);
  await assert.rejects(other.execute(fail, { key: 'leads' }), { message: 'no connection' });
  await assert.rejects(other.execute(fail), { message: 'no connection' });
});

test('CachedDataFallbackStrategy waits for a store that hangs no longer than storeTimeout, and soon not at all', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] });
  const redis = storeOf();
  redis.hangs = true;
  const cached = new CachedDataFallbackStrategy({ store: redisAnswers(redis), storeTimeout: 100 });
  const degraded = new DegradedModeFallbackStrategy('degraded');
  const breaker = new CircuitBreaker('database', {}, { ...silent, fallbackStrategies: [cached, degraded] });
  for (let call = 0; call < 3; call++) {
    const answer = breaker.execute(fail, { key: 'campaigns' });
    while (redis.gets <= call) await Promise.resolve();
    t.mock.timers.tick(100);
    assert.equal(await answer, 'degraded');
  }
  assert.equal(await breaker.execute(fail, { key: 'campaigns' }), 'degraded');
  assert.equal(redis.gets, 3);
});

test('CachedDataFallbackStrategy answers from memory although its store fails, and stores only what JSON can represent', async () => {
  const store = { get: () => Promise.reject(new Error('away')), set: () => Promise.reject(new Error('away')) };
  const cached = new CachedDataFallbackStrategy({ store });
  const breaker = new CircuitBreaker('database', {}, { ...silent, fallbackStrategies: [cached] });
  await breaker.execute(async () => 10n, { key: 'sum' });
  assert.equal(await breaker.execute(fail, { key: 'sum' }), 10n);
  assert.throws(() => new CachedDataFallbackStrategy({ store: {} as never }), /store must be an object with get/);
  assert.throws(() => redisAnswers({} as never), /redisAnswers takes a client of ioredis or redis/);
  const node = storeOf();
  const { get, psetex: pSetEx } = node;
  await redisAnswers({ get, pSetEx }).set('key', 'text', 1_000);
  assert.equal(node.entries.get('fusewire:answer:key'), 'text');
});

test('CircuitBreaker of process scope shares its circuit with worker threads', async () => {
  const [name, config] = ['threads', { failureThreshold: 3, scope: 'process' } as const];
  const breaker = new CircuitBreaker(name, config, silent);
  const program = `
    import { workerData } from 'node:worker_threads';
    import { CircuitBreaker } from ${JSON.stringify(import.meta.resolve('@fusewire/dialects/campaign'))};
    const { name, config, calls } = workerData;
    const breaker = new CircuitBreaker(name, config, { logger: false });
    for (let call = 0; call < calls; call++) await breaker.execute(() => Promise.reject(new Error())).catch(() => {});`;
  const failIn = async (calls: number) => {
    const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
    await once(new Worker(url, { workerData: { name, config, calls } }), 'exit');
  };
  await Promise.all([failIn(1), failIn(1)]);
  assert.equal(breaker.getState(), 'CLOSED');
  await failIn(1);
  assert.equal(breaker.getState(), 'OPEN');
  await assert.rejects(breaker.execute(fail), { code: 'ERR_CIRCUIT_OPEN' });
});
