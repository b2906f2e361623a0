import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import {
  adaptiveLimit,
  bulkhead,
  CircuitBreaker,
  degraded,
  fallback,
  hedge,
  isCallTimeoutError,
  isCircuitOpenError,
  pipeline,
  rateLimit,
  retry,
  throttle,
  timeout,
} from 'fusewire';
import type { Pipeline, PipelineParts } from 'fusewire';
import { assertProblems, deferred, open, rejection, thrown, turn } from './support.ts';

describe('a pipeline of parts', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('puts them into the documented order, in whatever order they are given', () => {
    const parts: PipelineParts = {
      attemptTimeout: 1_000,
      bulkhead: {},
      adaptiveLimit: {},
      breaker: { name: 'mpesa' },
      rateLimit: { limit: 100 },
      throttle: {},
      hedge: {},
      retry: {},
      timeout: 40_000,
      fallback: [degraded(0)],
    };
    const expected = [
      'fallback',
      'timeout',
      'retry',
      'hedge',
      'throttle',
      'rate',
      'breaker',
      'limit',
      'bulkhead',
      'timeout',
    ];
    assert.deepEqual(kindsOf(pipeline(parts)), expected);
    assert.equal(pipeline(parts).name, 'mpesa');
  });

  it('takes policies as they are', () => {
    const parts = {
      fallback: fallback([degraded(0)]),
      timeout: timeout(40_000),
      retry: retry(),
      hedge: hedge(),
      throttle: throttle(),
      rateLimit: rateLimit({ limit: 1 }),
      breaker: new CircuitBreaker(),
      adaptiveLimit: adaptiveLimit(),
      bulkhead: bulkhead(),
      attemptTimeout: timeout(1_000),
    };
    const { layers } = pipeline(parts) as unknown as { layers: unknown[] };
    assert.deepEqual(
      layers.filter((layer) => (layer as { kind: string }).kind !== 'breaker'),
      Object.values(parts).filter((part) => part !== parts.breaker),
    );
  });

  it('runs calls through them', async () => {
    const breaker = new CircuitBreaker({ name: 'mpesa', failureThreshold: 4 });
    const places = bulkhead({ limit: 1 });
    const calls = pipeline({ timeout: 40_000, retry: { delay: 0 }, breaker, bulkhead: places, attemptTimeout: 50 });
    assert.equal(
      await calls.execute(({ attempt }) => (attempt < 3 ? Promise.reject(new Error('down')) : 'value')),
      'value',
    );
    assert.equal(breaker.getStats().totalFailures, 2);
    const work = deferred();
    const slow = pipeline({ breaker, bulkhead: places, attemptTimeout: 50 }).execute(() => work.promise);
    mock.timers.tick(50);
    const error = await rejection(slow);
    assert.ok(isCallTimeoutError(error) && error.breaker === 'attemptTimeout');
    assert.equal(places.getStats().overrunning, 1);
    work.resolve(1);
    await turn();
    await open(breaker);
    assert.ok(isCircuitOpenError(await rejection(calls.execute(() => 1))));
  });

  it('answers with the fallback', async () => {
    const calls = pipeline({ retry: { delay: 0 }, fallback: [degraded('instead')] });
    const answer: number | string = await calls.execute((): Promise<number> => Promise.reject(new Error('down')));
    assert.equal(answer, 'instead');
    const plain: Pipeline = pipeline({ retry: {} });
    const value: number = await plain.execute(() => 1);
    assert.equal(value, 1);
  });

  it('leaves out what is not given', async () => {
    assert.deepEqual(kindsOf(pipeline({ retry: undefined, timeout: 5 })), ['timeout']);
    assertProblems(() => pipeline({}), ['layers']);
    assertProblems(() => pipeline({ retry: undefined }), ['layers']);
  });

  it('tells everything that is wrong with any of them at once', () => {
    const error = thrown(() =>
      pipeline({
        name: '',
        retry: { attempts: 0, delay: -1 },
        breaker: { failureThreshold: 0 },
        bulkhead: timeout(1) as never,
        attemptTimeout: 0,
        rateLimit: {} as never,
        checked: 1 as never,
        cache: {},
      } as PipelineParts),
    );
    assertProblems(() => {
      throw error;
    }, [
      'attemptTimeout.timeout',
      'breaker.failureThreshold',
      'bulkhead',
      'cache',
      'checked',
      'name',
      'rateLimit.limit',
      'retry.attempts',
      'retry.delay',
    ]);
    assert.match(error.message, /retry\.attempts must be a whole number from 1 to 1000000, got 0/);
    for (const given of [null, undefined, 1, 'parts', () => 1])
      assertProblems(() => pipeline(given as never), ['options']);
  });

  it('refuses a total timeout that leaves the breaker no chance, unless it is told not to', () => {
    assertProblems(() => pipeline({ timeout: 1_000, breaker: {} }), ['layers.1']);
    assert.deepEqual(kindsOf(pipeline({ timeout: 1_000, breaker: {}, checked: false })), ['timeout', 'breaker']);
    assert.deepEqual(kindsOf(pipeline({ timeout: 1_000, breaker: {}, attemptTimeout: 500 })), [
      'timeout',
      'breaker',
      'timeout',
    ]);
  });
});

function kindsOf(calls: Pipeline<unknown>): string[] {
  return (calls as unknown as { layers: readonly { kind: string }[] }).layers.map(({ kind }) => kind);
}
