/** Tests of campaign against its document: numbers, fallbacks, and errors with clients against a server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import axios from 'axios';
import {
  CachedDataFallbackStrategy,
  CircuitBreaker,
  CircuitBreakerConfigs,
  classifyN8NError,
  configFor,
  DegradedModeFallbackStrategy,
  ExternalServiceManager,
  n8nErrorOf,
  N8NQueueFallbackStrategy,
  N8NSimulationFallbackStrategy,
} from '@fusewire/dialects/campaign';
import { memoryQueue } from 'fusewire/queue';
import { blockOf, optionsOf, serve, settle } from './support.ts';

const silent = { logger: false } as const;
const fail = () => Promise.reject(new Error('no connection'));
const configuration = optionsOf(blockOf('campaign/configuration.txt')) as Record<
  string,
  Record<keyof typeof CircuitBreakerConfigs.DATABASE, number>
>;

test('CircuitBreakerConfigs has the numbers of the document, and breakers act on them', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] });
  assert.deepEqual(Object.keys(configuration), ['DATABASE', 'N8N_API', 'EXTERNAL_API']);
  for (const [name, documented] of Object.entries(configuration)) {
    assert.deepEqual(CircuitBreakerConfigs[name as 'DATABASE'], documented);
    const breaker = new CircuitBreaker(name, documented, silent);
    const { failureThreshold, successThreshold, timeout, resetTimeout, maxConcurrentRequests } = documented;

    const slow = assert.rejects(
      breaker.execute(() => new Promise(() => {})),
      { message: `Circuit breaker ${name} timeout after ${timeout}ms` },
    );
    t.mock.timers.tick(timeout);
    await slow;
    for (let failures = 1; failures < failureThreshold; failures++) {
      assert.equal(breaker.getState(), 'CLOSED');
      await assert.rejects(breaker.execute(fail));
    }
    assert.equal(breaker.getState(), 'OPEN');
    t.mock.timers.tick(resetTimeout - 1);
    assert.equal(breaker.getState(), 'OPEN');
    t.mock.timers.tick(1);
    assert.equal(breaker.getState(), 'HALF_OPEN');

    const probes: (() => void)[] = [];
    const probe = () => breaker.execute(() => new Promise<void>((resolve) => probes.push(resolve)));
    const calls = Promise.allSettled(Array.from({ length: maxConcurrentRequests + 1 }, probe));
    await settle();
    assert.equal(probes.length, Math.min(maxConcurrentRequests, successThreshold));
    for (const finish of probes) finish();
    await calls;
    for (let success = probes.length; success < successThreshold; success++) {
      assert.equal(breaker.getState(), 'HALF_OPEN');
      await breaker.execute(async () => 'fine');
    }
    assert.equal(breaker.getState(), 'CLOSED');
  }
});

test('CircuitBreaker does not open on five failures in more than 60 seconds', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] });
  const breaker = new CircuitBreaker('database', {}, silent);
  for (let failures = 0; failures < 10; failures++) {
    await assert.rejects(breaker.execute(fail), { message: 'no connection' });
    t.mock.timers.tick(15_000);
  }
  assert.equal(breaker.getState(), 'CLOSED');
});

test('CircuitBreaker runs 1 500 calls at once, and answers them all by a fallback when they fail', async () => {
  const database = new CircuitBreaker('database', CircuitBreakerConfigs.DATABASE, {
    ...silent,
    fallbackStrategies: [new DegradedModeFallbackStrategy('degraded')],
  });
  const campaigns = Array.from({ length: 1_500 }, (_, campaign) => campaign);
  let running = 0;
  const loaded = campaigns.map((campaign) => database.execute(async () => (running++, await settle(), campaign)));
  assert.equal(running, 1_500);
  assert.deepEqual(await Promise.all(loaded), campaigns);
  const answers = await Promise.all(campaigns.map(() => database.execute(fail)));
  assert.ok(answers.every((answer: unknown) => answer === 'degraded'));
  assert.equal(database.getState(), 'OPEN');
  assert.equal(database.getMetrics().totalRequests, 3_000);
});

test('configFor returns the settings of each environment', () => {
  for (const environment of ['development', 'staging', 'production'] as const) {
    const documented = optionsOf(blockOf(`campaign/${environment}.txt`));
    assert.deepEqual(configFor(environment), documented);
    assert.deepEqual(configFor(environment, CircuitBreakerConfigs.N8N_API), {
      ...configuration['N8N_API'],
      ...documented,
    });
    const breaker = new CircuitBreaker('database', configFor(environment), silent);
    assert.equal(breaker.engine.explain().failureThreshold, documented['failureThreshold']);
    assert.equal(breaker.engine.explain().openTime, documented['resetTimeout']);
  }
});

test('ExternalServiceManager has the numbers of each service', () => {
  const { unipile, reachinbox, linkedin, apollo } = new ExternalServiceManager(silent);
  const numbers = [unipile, reachinbox, linkedin, apollo].map(({ name, engine }) => {
    const { failureThreshold, openTime } = engine.explain();
    const config = CircuitBreakerConfigs[name.toUpperCase() as 'UNIPILE'];
    return [failureThreshold, config.timeout, openTime];
  });
  assert.deepEqual(numbers, [
    [3, 15_000, 30_000],
    [3, 10_000, 30_000],
    [3, 12_000, 45_000],
    [4, 8_000, 30_000],
  ]);
});

test('CircuitBreaker answers a database outage with cached data, or else in the degraded mode', async () => {
  const database = new CircuitBreaker('database', CircuitBreakerConfigs.DATABASE, {
    ...silent,
    fallbackStrategies: [new DegradedModeFallbackStrategy({ degraded: true }), new CachedDataFallbackStrategy()],
  });
  const load = async () => [{ id: 1 }];
  assert.deepEqual(await database.tryExecute(load, { key: 'campaigns' }), {
    status: 'success',
    value: [{ id: 1 }],
    source: 'call',
  });
  for (let call = 0; call < 6; call++) {
    const answer = await database.tryExecute(fail, { key: 'campaigns' });
    assert.deepEqual(answer, { status: 'success', value: [{ id: 1 }], source: 'fallback:CachedDataFallbackStrategy' });
  }
  assert.equal(database.getState(), 'OPEN');
  assert.deepEqual(await database.tryExecute(load, { key: 'leads' }), {
    status: 'success',
    value: { degraded: true },
    source: 'fallback:DegradedModeFallbackStrategy',
  });
});

test('CircuitBreaker queues calls of n8n on a 5xx, waits on a 429, and rejects on a 4xx', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const answer = { status: 200, requests: 0 };
  const url = await serve(t, (_request, response) => {
    answer.requests++;
    response.writeHead(answer.status, { 'Retry-After': '7' }).end('{"started":true}');
  });
  const byFetch = async () => {
    const response = await fetch(url, { method: 'POST' });
    const error = n8nErrorOf(response);
    if (error !== undefined) throw error;
    return response.json() as Promise<unknown>;
  };
  const byAxios = async () => {
    const response = await axios.post(url, {}, { validateStatus: () => true });
    const error = n8nErrorOf(response);
    if (error !== undefined) throw error;
    return response.data as unknown;
  };
  for (const call of [byFetch, byAxios]) {
    const queue = new N8NQueueFallbackStrategy({ queue: memoryQueue(), operation: () => call() });
    const n8n = new CircuitBreaker('n8n', CircuitBreakerConfigs.N8N_API, {
      ...silent,
      classify: classifyN8NError,
      fallbackStrategies: [new N8NSimulationFallbackStrategy(() => ({ simulated: true })), queue],
    });
    answer.status = 200;
    assert.deepEqual(await n8n.execute(call, { key: 'a' }), { started: true });

    answer.status = 404;
    for (let wrong = 0; wrong < 6; wrong++) {
      await assert.rejects(n8n.execute(call, { key: 'a' }), { name: 'N8NClientError', status: 404, retriable: false });
    }
    assert.equal(n8n.getState(), 'CLOSED');

    answer.status = 503;
    for (let down = 0; down < 5; down++) {
      const answer = await n8n.tryExecute(call, { key: `operation-${down}`, args: [down] });
      assert.ok(answer.status === 'success' && answer.source === 'fallback:N8NQueueFallbackStrategy');
    }
    assert.equal(n8n.getState(), 'OPEN');
    assert.deepEqual(await n8n.execute(call), { simulated: true });
    assert.equal(queue.getStats().totalQueued, 5);
    n8n.reset();

    answer.status = 429;
    await n8n.execute(call);
    assert.equal(n8n.getMetrics().nextAttemptTime?.getTime(), Date.now() + 7_000);
    await queue.close();
  }
});
