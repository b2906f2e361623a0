/** Errors that crossed a thread, and objects of another copy of the package. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as fusewire from 'fusewire';
import { CircuitBreaker, isCallTimeoutError, isCircuitOpenError, isRejection, pipeline, retry } from 'fusewire';
import { cached, fallback } from 'fusewire';
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

describe('an error that crossed a thread', () => {
  it('is recognised as a rejection, and counts as one', async () => {
    const error = await errorOfWorker(`
      const breaker = new fusewire.CircuitBreaker({ name: 'mpesa' });
      breaker.forceOpen();
      await breaker.execute(() => 1);`);
    assert.deepEqual([isCircuitOpenError(error), isRejection(error), isCallTimeoutError(error)], [true, true, false]);
    const breaker = new CircuitBreaker({ failureThreshold: 1 });
    await rejection(breaker.execute(() => Promise.reject(error as Error)));
    assert.equal(breaker.state, 'CLOSED');
  });

  it('is recognised as a problem of options', async () => {
    const error = await errorOfWorker(`new fusewire.CircuitBreaker({ timeout: -1 });`);
    assert.equal(fusewire.isBreakerOptionsError(error), true);
  });

  const NAMES = {
    CircuitOpenError: 'ECIRCUITOPEN',
    CallTimeoutError: 'ECALLTIMEOUT',
    BreakerDisposedError: 'EBREAKERDISPOSED',
    BackendLoadError: 'EBREAKERBACKEND',
    RetriesExhaustedError: 'ERETRIESEXHAUSTED',
    BulkheadFullError: 'EBULKHEADFULL',
    RateLimitError: 'ERATELIMITED',
    ThrottledError: 'ETHROTTLED',
  } as const;
  for (const [name, code] of Object.entries(NAMES)) {
    it(`is recognised by its name and its code: ${name}`, () => {
      const guard = fusewire[`is${name as keyof typeof NAMES}`];
      assert.equal(guard(structuredClone({ name, code, message: '' })), true);
      for (const other of [{ name }, { code }, { name, code: 'ECONNRESET' }, { name: 'Error', code }]) {
        assert.equal(guard(other), false, JSON.stringify(other));
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
      fallback: () => pipeline({ fallback: copy.fallback([copy.degraded('x')]) }),
      cache: () => fallback([copy.cached({ key: () => 'a' } as never)]),
    };
    for (const [name, use] of Object.entries(uses)) {
      assert.match(thrown(use as () => never).message, /of this copy of fusewire/, name);
    }
  });

  it('has caches of its own kind, which this copy accepts from itself', () => {
    assert.ok(fallback([cached({ key: () => 'a' } as never)]));
  });
});
