import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import {
  adaptiveBulkhead,
  bulkhead,
  cache,
  CircuitBreaker,
  fallback,
  hedge,
  CallTimeoutError,
  CircuitOpenError,
  pipeline,
  rateLimit,
  retry,
  shedLoad,
  timeout,
} from 'fusewire';
import type { Pipeline, PipelineParts } from 'fusewire';
import { degraded } from './support-fallback.ts';
import { assertProblems, deferred, open, rejection, thrown, turn } from './support.ts';

describe('pipeline() of options', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('puts the policies into the documented order, whatever the order of the keys', () => {
    const options: PipelineParts = {
      attemptTimeout: 1_000,
      bulkhead: {},
      adaptiveBulkhead: {},
      breaker: { name: 'mpesa' },
      rateLimit: { limit: 100 },
      shedLoad: {},
      hedge: { idempotent: true },
      retry: {},
      timeout: 40_000,
      cache: {},
      fallback: [degraded(0)],
    };
    const expected = [
      'fallback',
      'cache',
      'timeout',
      'retry',
      'hedge',
      'shedLoad',
      'rateLimit',
      'breaker',
      'adaptiveBulkhead',
      'bulkhead',
      'timeout',
    ];
    assert.deepEqual(kindsOf(pipeline(options)), expected);
    assert.equal(pipeline(options).name, 'mpesa');
  });

  it('uses policies that are passed as they are', () => {
    const options = {
      fallback: fallback([degraded(0)]),
      cache: cache(),
      timeout: timeout(40_000),
      retry: retry(),
      hedge: hedge({ idempotent: true }),
      shedLoad: shedLoad(),
      rateLimit: rateLimit({ limit: 1 }),
      breaker: new CircuitBreaker(),
      adaptiveBulkhead: adaptiveBulkhead(),
      bulkhead: bulkhead(),
      attemptTimeout: timeout(1_000),
    };
    const { layers } = pipeline(options) as unknown as { layers: unknown[] };
    assert.deepEqual(
      layers.filter((layer) => (layer as { kind: string }).kind !== 'breaker'),
      Object.values(options).filter((policy) => policy !== options.breaker),
    );
  });

  it('runs calls through all of them', async () => {
    const breaker = new CircuitBreaker({ name: 'mpesa', failureThreshold: 4 });
    const limiter = bulkhead({ limit: 1 });
    const calls = pipeline({ timeout: 40_000, retry: { delay: 0 }, breaker, bulkhead: limiter, attemptTimeout: 50 });
    assert.equal(
      await calls.execute(({ attempt }) => (attempt < 3 ? Promise.reject(new Error('down')) : 'value')),
      'value',
    );
    assert.equal(breaker.getStats().totalFailures, 2);
    const work = deferred();
    const slow = pipeline({ breaker, bulkhead: limiter, attemptTimeout: 50 }).execute(() => work.promise);
    mock.timers.tick(50);
    const error = await rejection(slow);
    assert.ok(error instanceof CallTimeoutError && error.policy.endsWith('.attemptTimeout'));
    assert.equal(limiter.getStats().overrunning, 1);
    work.resolve(1);
    await turn();
    await open(breaker);
    assert.ok((await rejection(calls.execute(() => 1))) instanceof CircuitOpenError);
  });

  it('resolves with the answer of the fallback', async () => {
    const calls = pipeline({ retry: { delay: 0 }, fallback: [degraded('instead')] });
    const answer: number | string = await calls.execute((): Promise<number> => Promise.reject(new Error('down')));
    assert.equal(answer, 'instead');
    const plain: Pipeline = pipeline({ retry: {} });
    const value: number = await plain.execute(() => 1);
    assert.equal(value, 1);
  });

  it('leaves out policies that are not set', async () => {
    assert.deepEqual(kindsOf(pipeline({ retry: undefined, timeout: 5 })), ['timeout']);
    assertProblems(() => pipeline({}), ['layers']);
    assertProblems(() => pipeline({ retry: undefined }), ['layers']);
  });

  it('reports every wrong option of every policy at once', () => {
    const error = thrown(() =>
      pipeline({
        name: '',
        retry: { attempts: 0, delay: -1 },
        breaker: { failureThreshold: 0 },
        bulkhead: timeout(1) as never,
        attemptTimeout: 0,
        rateLimit: {} as never,
        checked: 1 as never,
        cache: { ttl: 1 },
      } as PipelineParts),
    );
    assertProblems(() => {
      throw error;
    }, [
      'attemptTimeout',
      'breaker.failureThreshold',
      'bulkhead',
      'cache.ttl',
      'checked',
      'name',
      'rateLimit.limit',
      'retry.attempts',
      'retry.delay',
    ]);
    assert.match(error.message, /retry\.attempts must be a whole number from 1 to 1000000, got 0/);
    for (const wrong of [null, undefined, 1, 'options', () => 1])
      assertProblems(() => pipeline(wrong as never), ['options']);
  });
});

function kindsOf(calls: Pipeline<unknown>): string[] {
  return (calls as unknown as { layers: readonly { kind: string }[] }).layers.map(({ kind }) => kind);
}
