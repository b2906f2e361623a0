/** Errors that crossed a thread, and objects of another copy of the package. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as fusewire from 'fusewire';
import { CircuitBreaker, CallTimeoutError, CircuitOpenError, isRejection, pipeline, retry } from 'fusewire';
import { BulkheadFullError, RejectedError, ShedError } from 'fusewire';
import { adaptive } from 'fusewire/adaptive';
import { loadCopy, rejection, thrown } from './support.ts';

/** Returns the error that ended a worker thread. */
function errorOfWorker(program: string): Promise<unknown> {
  const code = `import(${JSON.stringify(import.meta.resolve('fusewire'))}).then(async (fusewire) => { ${program} });`;
  const worker = new Worker(code, { eval: true });
  return new Promise((resolve, reject) => {
    worker.once('error', resolve);
    worker.once('exit', () => reject(new Error('the worker ended without an error')));
  });
}

const REJECTIONS = ['CircuitOpenError', 'BulkheadFullError', 'RateLimitedError', 'ShedError'];

describe('a class that extends an error of this package', () => {
  class TenantOpenError extends CircuitOpenError {}
  class QuotaError extends RejectedError {
    readonly code = 'QUOTA';
    readonly reason = 'quota';
  }

  it('has as instances its own errors alone', () => {
    const own = new TenantOpenError('orders', 'OPEN', 'open', 1);
    assert.ok(own instanceof TenantOpenError && own instanceof CircuitOpenError && own instanceof RejectedError);
    assert.ok(!((new CircuitOpenError('orders', 'OPEN', 'open', 1) as object) instanceof TenantOpenError));
    assert.ok(!((new ShedError('orders') as object) instanceof QuotaError));
    assert.ok(!(({ name: 'CircuitOpenError', code: 'ERR_CIRCUIT_OPEN' } as object) instanceof TenantOpenError));
  });

  it('makes rejections, which no breaker counts', async () => {
    const error = new QuotaError('used up', 'tenants', 1_500);
    assert.ok(error instanceof QuotaError && isRejection(error) && !((error as object) instanceof CircuitOpenError));
    assert.deepEqual([error.policy, error.retryAfter, error.retryAfterSeconds], ['tenants', 1_500, 2]);
    const breaker = new CircuitBreaker({ failureThreshold: 1 });
    await rejection(breaker.execute(() => Promise.reject(error)));
    assert.equal(breaker.state, 'CLOSED');
  });
});

it('retryAfterSeconds is whole, and at least 1', () => {
  for (const [wait, seconds] of [
    [null, 1],
    [0, 1],
    [1, 1],
    [1_000, 1],
    [1_001, 2],
    [60_000, 60],
  ] as const) {
    assert.equal(new CircuitOpenError('orders', 'OPEN', 'open', wait).retryAfterSeconds, seconds);
  }
  assert.equal(new BulkheadFullError('orders', 'full').retryAfterSeconds, 1);
});

describe('an error that crossed a thread', () => {
  it('is recognised as a rejection, and counts as one', async () => {
    const error = await errorOfWorker(`
      const breaker = new fusewire.CircuitBreaker({ name: 'mpesa' });
      breaker.forceOpen();
      await breaker.execute(() => 1);`);
    assert.deepEqual(
      [error instanceof CircuitOpenError, isRejection(error), error instanceof CallTimeoutError],
      [true, true, false],
    );
    const breaker = new CircuitBreaker({ failureThreshold: 1 });
    await rejection(breaker.execute(() => Promise.reject(error as Error)));
    assert.equal(breaker.state, 'CLOSED');
  });

  it('is recognised as a problem of options', async () => {
    const error = await errorOfWorker(`new fusewire.CircuitBreaker({ timeout: -1 });`);
    assert.equal(error instanceof fusewire.OptionsError, true);
  });

  const NAMES = {
    CircuitOpenError: 'ERR_CIRCUIT_OPEN',
    CallTimeoutError: 'ERR_CALL_TIMEOUT',
    BreakerDisposedError: 'ERR_BREAKER_DISPOSED',
    EngineLoadError: 'ERR_ENGINE_LOAD',
    RetriesExhaustedError: 'ERR_RETRIES_EXHAUSTED',
    BulkheadFullError: 'ERR_BULKHEAD_FULL',
    RateLimitedError: 'ERR_RATE_LIMITED',
    ShedError: 'ERR_SHED',
    OptionsError: 'ERR_OPTIONS',
  } as const;
  for (const [name, code] of Object.entries(NAMES)) {
    it(`is recognised by its name and its code: ${name}`, () => {
      const Class = fusewire[name as keyof typeof NAMES];
      const clone: object = structuredClone({ name, code, message: '' });
      assert.ok(clone instanceof Class);
      assert.equal(clone instanceof RejectedError, REJECTIONS.includes(name));
      assert.equal(isRejection(clone), REJECTIONS.includes(name));
      for (const other of [{ name }, { code }, { name, code: 'ECONNRESET' }, { name: 'Error', code }]) {
        assert.ok(!((other as object) instanceof Class), JSON.stringify(other));
      }
    });
  }
});

describe('another copy of the package', () => {
  const copy = loadCopy();
  assert.notEqual(copy.CircuitBreaker, CircuitBreaker);

  it('gives objects that every function of this copy rejects with a message', () => {
    const breaker = new copy.CircuitBreaker();
    const uses: Record<string, () => unknown> = {
      adaptive: () => adaptive(breaker, { prediction: {} } as never),
      retry: () => retry({ budget: copy.retryBudget() }),
      list: () => pipeline([breaker]),
      alternative: () => fusewire.alternative('other', () => 1, { through: breaker }),
      breaker: () => pipeline({ breaker }),
      policy: () => pipeline({ retry: copy.retry() }),
      fallback: () => pipeline({ fallback: copy.fallback(() => 'x') }),
      cache: () => pipeline({ cache: copy.cache() }),
    };
    for (const [name, use] of Object.entries(uses)) {
      assert.match(thrown(use as () => never).message, /of this copy of fusewire/, name);
    }
  });

  it('gives errors that are instances of the classes of this copy', () => {
    const errors = {
      CircuitOpenError: new copy.CircuitOpenError('orders', 'OPEN', 'open', 1),
      BulkheadFullError: new copy.BulkheadFullError('orders', 'full'),
      RateLimitedError: new copy.RateLimitedError('orders', 1),
      ShedError: new copy.ShedError('orders'),
      CallTimeoutError: new copy.CallTimeoutError('orders', 1),
      RetriesExhaustedError: new copy.RetriesExhaustedError('orders', []),
      BreakerDisposedError: new copy.BreakerDisposedError('orders'),
      OptionsError: thrown(() => new copy.CircuitBreaker({ timeout: -1, name: 'orders' })),
    };
    for (const [name, error] of Object.entries(errors) as [keyof typeof errors, { policy?: string }][]) {
      for (const other of Object.keys(errors) as (keyof typeof errors)[]) {
        assert.equal(error instanceof fusewire[other], name === other, `${name} ${other}`);
      }
      assert.equal(error instanceof RejectedError, REJECTIONS.includes(name), name);
      assert.equal(isRejection(error), REJECTIONS.includes(name), name);
      assert.equal(error.policy, 'orders');
    }
  });
});
