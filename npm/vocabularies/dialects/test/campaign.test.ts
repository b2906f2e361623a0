/** Tests of campaign beyond its document, which `tests/dialects` tests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryQueue } from 'fusewire/queue';
import {
  ApolloFallbackStrategy,
  CachedDataFallbackStrategy,
  campaignHealth,
  CircuitBreaker,
  circuitBreakerHealth,
  classifyN8NError,
  configFor,
  DegradedModeFallbackStrategy,
  ExternalServiceManager,
  healthStatusOf,
  isRetriable,
  LinkedInFallbackStrategy,
  N8NClientError,
  n8nErrorOf,
  N8NQueueFallbackStrategy,
  N8NRateLimitError,
  N8NServerError,
  N8NSimulationFallbackStrategy,
  ReachInboxFallbackStrategy,
  resetCircuitBreakers,
  UnipileFallbackStrategy,
} from '@fusewire/dialects/campaign';
import type { AnyCircuitBreaker } from '@fusewire/dialects/campaign';

const silent = { logger: false } as const;
const fail = () => Promise.reject(new Error('no connection'));

async function openBy(breaker: AnyCircuitBreaker, failures: number): Promise<void> {
  for (let call = 0; call < failures; call++) await breaker.execute(fail).catch(() => {});
}

test('CircuitBreaker asks the strategies of a team in the order of their priority, 1 first', async () => {
  const asked: string[] = [];
  const strategy = (name: string, priority: number, answer?: string) => ({
    name,
    priority,
    answer,
    canHandle(): boolean {
      asked.push(name);
      return this.answer !== undefined;
    },
    execute(): string {
      return this.answer as string;
    },
  });
  const breaker = new CircuitBreaker(
    'contacts',
    {},
    {
      ...silent,
      fallbackStrategies: [strategy('third', 3, 'three'), strategy('first', 1), strategy('second', 2, 'two')],
    },
  );
  assert.deepEqual(await breaker.tryExecute(fail), { status: 'success', value: 'two', source: 'fallback:second' });
  assert.deepEqual(asked, ['first', 'second']);
  breaker.addFallbackStrategy(strategy('zeroth', 0.5, 'zero'));
  assert.equal(await breaker.execute(fail), 'zero');
  assert.equal(await breaker.execute(async () => 'itself'), 'itself');
  assert.deepEqual(breaker.getMetrics().answers, { call: 1, 'fallback:zeroth': 1 });
  breaker.addFallbackStrategy({ name: 'always', priority: 0, execute: () => 'always' });
  assert.equal(await breaker.execute(fail), 'always');
  assert.throws(() => breaker.addFallbackStrategy(strategy('first', 9)), /a name that no other strategy has/);
  assert.throws(() => breaker.addFallbackStrategy({ name: 'odd', priority: 'high' } as never), /priority must/);
  assert.throws(() => breaker.addFallbackStrategy(null as never), /must be a function or a strategy/);
});

test('CircuitBreaker settles like the call without fallbacks', async () => {
  const breaker = new CircuitBreaker('database', { failureThreshold: 1 }, silent);
  assert.deepEqual(await breaker.tryExecute(async () => 1), { status: 'success', value: 1, source: 'call' });
  await assert.rejects(breaker.execute(fail), { message: 'no connection' });
  await assert.rejects(breaker.execute(fail), {
    message: /^Circuit breaker database is OPEN/,
    code: 'ERR_CIRCUIT_OPEN',
  });
  const { name, state, totalRequests, successRate, failureRate, lastError, answers } = breaker.getMetrics();
  assert.deepEqual(
    { name, state, totalRequests, successRate, failureRate, lastError, answers },
    {
      name: 'database',
      state: 'OPEN',
      totalRequests: 3,
      successRate: 50,
      failureRate: 50,
      lastError: 'no connection',
      answers: undefined,
    },
  );
});

test('CircuitBreaker logs state changes, except those in shadow mode', async () => {
  const lines: unknown[] = [];
  const logger = {
    info: (message: string, details: unknown) => lines.push(['info', message, details]),
    warn: (message: string, details: unknown) => lines.push(['warn', message, details]),
  };
  const breaker = new CircuitBreaker('n8n', { failureThreshold: 1 }, { logger });
  await openBy(breaker, 1);
  breaker.reset();
  breaker.engine.shadow();
  await openBy(breaker, 1);
  const changed = (from: string, to: string, reason: string) => ({ breaker: 'n8n', from, to, reason });
  assert.deepEqual(lines, [
    ['warn', 'Circuit breaker n8n: CLOSED to OPEN', changed('CLOSED', 'OPEN', 'failure-threshold')],
    ['info', 'Circuit breaker n8n: OPEN to CLOSED', changed('OPEN', 'CLOSED', 'reset')],
  ]);
});

test('CircuitBreaker reports rates and averages before the first call', () => {
  const { successRate, failureRate, averageResponseTime, lastError } = new CircuitBreaker(
    'n8n',
    {},
    silent,
  ).getMetrics();
  assert.deepEqual([successRate, failureRate, averageResponseTime, lastError], [100, 0, null, null]);
});

test('CircuitBreaker admits maxConcurrentRequests calls while half-open', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] });
  const breaker = new CircuitBreaker('n8n', { failureThreshold: 1, maxConcurrentRequests: 2 }, silent);
  await openBy(breaker, 1);
  t.mock.timers.tick(30_000);
  const calls = Array.from({ length: 4 }, () => breaker.execute(async () => 'fine'));
  const settled = await Promise.allSettled(calls);
  assert.deepEqual(
    settled.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'rejected'],
  );
});

test('CircuitBreaker keeps a forced state until it is released', async () => {
  const breaker = new CircuitBreaker('n8n', {}, silent);
  breaker.forceState('OPEN');
  assert.equal(breaker.getState(), 'OPEN');
  await assert.rejects(
    breaker.execute(async () => 1),
    /is OPEN/,
  );
  breaker.releaseState();
  assert.equal(await breaker.execute(async (page: number = 1) => page), 1);
  breaker.forceState('CLOSED');
  await openBy(breaker, 10);
  assert.equal(breaker.getState(), 'CLOSED');
  breaker.reset();
  assert.equal(breaker.engine.override, 'NONE');
  assert.throws(() => breaker.forceState('HALF_OPEN' as never), { name: 'RangeError' });
});

test('n8nErrorOf returns an error class for each kind of status', () => {
  const headers = new Headers({ 'Retry-After': '2' });
  const errors = [200, 399, 400, 404, 429, 499, 500, 503].map((status) => n8nErrorOf({ status, headers }));
  assert.deepEqual(
    errors.map((error) => error && [error.name, error.status, error.retriable, classifyN8NError({ error })]),
    [
      undefined,
      undefined,
      ['N8NClientError', 400, false, 'ignore'],
      ['N8NClientError', 404, false, 'ignore'],
      ['N8NRateLimitError', 429, true, { openFor: 2_000, retryAfter: 2_000 }],
      ['N8NClientError', 499, false, 'ignore'],
      ['N8NServerError', 500, true, undefined],
      ['N8NServerError', 503, true, undefined],
    ],
  );
  assert.equal(n8nErrorOf({ status: 502, statusText: 'Bad Gateway' })?.message, 'N8N API error: 502 Bad Gateway');
  assert.equal(classifyN8NError({ error: new N8NRateLimitError('later') }), undefined);
  assert.deepEqual([new Error('a'), new N8NServerError('b'), new N8NClientError('c')].map(isRetriable), [
    true,
    true,
    false,
  ]);
});

test('N8NQueueFallbackStrategy queues calls until the circuit closes, except those with a 4xx', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] });
  const done: unknown[] = [];
  const queue = memoryQueue<readonly unknown[]>();
  let resolve = (): void => {};
  const isDone = new Promise<void>((onDone) => (resolve = onDone));
  const strategy = new N8NQueueFallbackStrategy({ queue, operation: (args) => (done.push(args), resolve()) });
  assert.throws(
    () => strategy.getStats(),
    /^Error: Fallback N8NQueueFallbackStrategy: add it to a circuit breaker before getStats\(\)/,
  );
  const breaker = new CircuitBreaker(
    'n8n',
    { failureThreshold: 1, successThreshold: 1 },
    {
      ...silent,
      classify: classifyN8NError,
      fallbackStrategies: [strategy, new N8NSimulationFallbackStrategy(({ args }) => ({ simulated: args }))],
    },
  );
  const rejected = () => Promise.reject(new N8NClientError('no such workflow', 404));
  await assert.rejects(breaker.execute(rejected, { key: 'w1' }), { message: 'no such workflow' });
  assert.equal(breaker.getState(), 'CLOSED');

  const queued = await breaker.tryExecute(fail, { key: 'w2', args: ['start', 2] });
  assert.ok(queued.status === 'success' && queued.source === 'fallback:N8NQueueFallbackStrategy');
  assert.equal(breaker.getState(), 'OPEN');
  const simulated = await breaker.tryExecute(fail, { args: [3] });
  assert.deepEqual(simulated, {
    status: 'success',
    value: { simulated: [3] },
    source: 'fallback:N8NSimulationFallbackStrategy',
  });

  t.mock.timers.tick(30_000);
  await breaker.execute(async () => 'fine');
  await isDone;
  await strategy.close();
  assert.deepEqual(done, [['start', 2]]);
  assert.equal(strategy.getStats().totalDone, 1);
});

test('ExternalServiceManager uses the fallbacks of each service', async () => {
  const mails = memoryQueue<readonly unknown[]>();
  const reviews = memoryQueue<readonly unknown[]>();
  const services = new ExternalServiceManager({
    ...silent,
    fallbackStrategies: {
      unipile: [new UnipileFallbackStrategy()],
      reachinbox: [new ReachInboxFallbackStrategy({ queue: mails, operation: () => {} })],
      linkedin: [new LinkedInFallbackStrategy({ queue: reviews })],
      apollo: [new ApolloFallbackStrategy(async ({ key }) => `elsewhere ${key}`)],
    },
  });
  await services.execute('unipile', async () => ['Ada'], { key: 'contacts' });
  assert.deepEqual(await services.execute('unipile', fail, { key: 'contacts' }), ['Ada']);
  await assert.rejects(services.execute('unipile', fail, { key: 'others' }), { message: 'no connection' });
  await services.execute('reachinbox', fail, { key: 'mail-1', args: ['mail'] });
  assert.equal((await mails.size()).waiting, 1);
  const call = { key: 'invite-1', args: ['invite'] };
  const answer = await services.linkedin.tryExecute<unknown>(fail, call);
  assert.ok(answer.status === 'success');
  const { value, source } = answer;
  assert.deepEqual(
    [(value as { status: string }).status, source],
    ['manual-review', 'fallback:LinkedInFallbackStrategy'],
  );
  const topic = 'LinkedInFallbackStrategy';
  assert.deepEqual(await new Promise((resolve) => reviews.consume({ topic }, resolve)), ['invite']);
  assert.equal(await services.execute('apollo', fail, { key: 'lead' }), 'elsewhere lead');
  assert.deepEqual(
    services.getAll().map(({ name }) => name),
    ['unipile', 'reachinbox', 'linkedin', 'apollo'],
  );
});

test('ExternalServiceManager opens the circuit of LinkedIn, and of no other service, for the time of a 429', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const services = new ExternalServiceManager(silent);
  const limited = (status: number) => async () => {
    throw Object.assign(new Error('too many'), { response: { status, headers: { 'retry-after': '300' } } });
  };
  for (const [service, status] of [
    ['linkedin', 500],
    ['apollo', 429],
  ] as const) {
    await assert.rejects(services.execute(service, limited(status)), { message: 'too many' });
    assert.equal(services[service].getState(), 'CLOSED');
  }
  await assert.rejects(services.execute('linkedin', limited(429)), { message: 'too many' });
  t.mock.timers.tick(299_999);
  assert.equal(services.linkedin.getState(), 'OPEN');
  t.mock.timers.tick(1);
  assert.equal(services.linkedin.getState(), 'HALF_OPEN');
});

test('ExternalServiceManager rejects an unknown service name', async () => {
  const services = new ExternalServiceManager(silent);
  for (const service of ['linkedIn', 'getAll', undefined]) {
    await assert.rejects(services.execute(service as never, fail), {
      name: 'RangeError',
      message: /^External services: service must be one of unipile, reachinbox, linkedin, apollo, got /,
    });
  }
});

test('errors show no object and no address where a word is expected', async () => {
  const services = new ExternalServiceManager(silent);
  for (const wrong of [{ password: 's3cr3t' }, 'redis://:s3cr3t@host', 'user:s3cr3t@host']) {
    const shown = /, got a (value of type object|string of \d+ characters)$/;
    await assert.rejects(services.execute(wrong as never, fail), shown);
    assert.throws(() => configFor(wrong as never), shown);
    assert.throws(() => new CircuitBreaker('database', {}).forceState(wrong as never), shown);
  }
});

test('CircuitBreaker answers with cached data, or else in the degraded mode', async () => {
  const cache = new CachedDataFallbackStrategy({ maxEntries: 1 });
  const breaker = new CircuitBreaker(
    'database',
    {},
    {
      ...silent,
      fallbackStrategies: [new DegradedModeFallbackStrategy([]), cache],
    },
  );
  await breaker.execute(async () => ['row'], { key: 'campaigns' });
  assert.deepEqual(await breaker.execute(fail, { key: 'campaigns' }), ['row']);
  assert.deepEqual(await breaker.execute(fail, { key: 'leads' }), []);
  cache.clear();
  assert.deepEqual(await breaker.execute(fail, { key: 'campaigns' }), []);
});

test('circuitBreakerHealth reports the circuits that resetCircuitBreakers resets', async () => {
  const breakers = ['database', 'n8n'].map((name) => new CircuitBreaker(name, { failureThreshold: 1 }, silent));
  await openBy(breakers[0] as CircuitBreaker, 1);
  const { timestamp, ...health } = circuitBreakerHealth(breakers);
  assert.ok(!Number.isNaN(Date.parse(timestamp)));
  assert.deepEqual(health, {
    healthy: false,
    summary: { total: 2, closed: 1, open: 1, halfOpen: 0 },
    circuitBreakers: { database: { state: 'OPEN', healthy: false }, n8n: { state: 'CLOSED', healthy: true } },
  });
  assert.equal(circuitBreakerHealth(breakers, { detailed: true }).metrics?.['database']?.totalFailures, 1);
  assert.deepEqual(resetCircuitBreakers(breakers, { action: 'reset', name: 'database' }).reset, ['database']);
  assert.deepEqual(resetCircuitBreakers(breakers, { action: 'reset_all' }).reset, ['database', 'n8n']);
  assert.equal(circuitBreakerHealth(breakers).healthy, true);
  assert.deepEqual(resetCircuitBreakers(breakers, { action: 'reset', name: 'redis' }), {
    success: false,
    reset: [],
    error: 'there is no circuit breaker redis',
  });
  for (const request of [undefined, {}, { action: 'open' }]) {
    assert.deepEqual(resetCircuitBreakers(breakers, request as never), {
      success: false,
      reset: [],
      error: 'action must be reset_all or reset',
    });
  }
});

test('campaignHealth computes the score and its status', async () => {
  const [database, n8n, one, other] = ['database', 'n8n', 'one', 'other'].map(
    (name) => new CircuitBreaker(name, {}, silent),
  ) as [CircuitBreaker, CircuitBreaker, CircuitBreaker, CircuitBreaker];
  const scoreOf = (rateLimiting?: boolean) => {
    const { resilienceScore, status } = campaignHealth({ database, n8n, external: [one, other], rateLimiting });
    return [resilienceScore, status];
  };
  assert.deepEqual(scoreOf(), [100, 'healthy']);
  assert.equal(campaignHealth({ database, n8n, external: [] }).resilienceScore, 100);
  one.forceState('OPEN');
  other.forceState('OPEN');
  assert.deepEqual(scoreOf(false), [80, 'healthy'], 'all critical systems are operational');
  n8n.forceState('OPEN');
  assert.deepEqual(scoreOf(), [50, 'degraded']);
  database.forceState('OPEN');
  assert.deepEqual(scoreOf(), [5, 'unhealthy']);
  n8n.releaseState();
  assert.deepEqual(scoreOf(), [40, 'degraded']);
  assert.deepEqual([100, 70, 69, 30, 29, 0].map(healthStatusOf), [
    'healthy',
    'healthy',
    'degraded',
    'degraded',
    'unhealthy',
    'unhealthy',
  ]);
});

test('rejects all invalid input in one error, under the names of the document', () => {
  assert.throws(
    () =>
      new CircuitBreaker('n8n', { failureThreshold: 0, retryDelay: 1 } as never, { logger: {}, classify: 1 } as never),
    {
      code: 'ERR_OPTIONS',
      message:
        /^Circuit breaker n8n: (?=.*failureThreshold must)(?=.*retryDelay is not an option)(?=.*logger must)(?=.*classify must)/,
    },
  );
  for (const logger of [5, null, 'console', {}]) {
    const create = () => new CircuitBreaker('n8n', {}, { logger, fallbackStrategies: 'none' } as never);
    assert.throws(create, /(?=.*fallbackStrategies must be an array)(?=.*logger must be false, or an object)/);
  }
  for (const options of [null, [], 5]) {
    assert.throws(() => new CircuitBreaker('n8n', options as never), /options must be an object/);
    assert.throws(() => new CircuitBreaker('n8n', {}, options as never), /options must be an object/);
    assert.throws(() => configFor('staging', options as never), /options must be an object/);
    assert.throws(() => new CachedDataFallbackStrategy(options as never), /options must be an object/);
    assert.throws(() => new ReachInboxFallbackStrategy(options as never), /options must be an object/);
    assert.throws(() => new ApolloFallbackStrategy(fail, options as never), /options must be an object/);
    assert.throws(() => circuitBreakerHealth([], options as never), /options must be an object/);
  }
  for (const breakers of [undefined, {}, [{}]]) {
    assert.throws(() => circuitBreakerHealth(breakers as never), /takes an array of circuit breakers/);
    assert.throws(() => resetCircuitBreakers(breakers as never, { action: 'reset_all' }), /takes an array of circuit/);
  }
  assert.throws(
    () => campaignHealth({ database: {}, external: [5], rateLimiting: 'yes' } as never),
    /(?=.*database must be a CircuitBreaker)(?=.*n8n must be given)(?=.*external must be an array)(?=.*rateLimiting must)/,
  );
  for (const response of [undefined, {}, new Error('axios')]) {
    assert.throws(() => n8nErrorOf(response as never), /n8nErrorOf takes a response of fetch or axios/);
  }
  assert.throws(() => new CircuitBreaker(undefined as never), /name must be given/);
  assert.throws(() => configFor('test' as never), { name: 'RangeError', message: /one of development, staging/ });
  assert.throws(
    () => new ExternalServiceManager({ environment: 'test', other: 1, fallbackStrategies: [], logger: 5 } as never),
    /(?=.*environment must)(?=.*other is not)(?=.*fallbackStrategies must)(?=.*logger must)/,
  );
  assert.throws(
    () => new ExternalServiceManager({ fallbackStrategies: { linkedIn: [] } } as never),
    /fallbackStrategies\.linkedIn is not an option/,
  );
  assert.throws(
    () => new LinkedInFallbackStrategy({ payload: 1 } as never),
    /(?=.*payload must)(?=.*queue must be given)/,
  );
});
