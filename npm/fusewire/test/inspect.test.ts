import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { bulkhead, CircuitBreaker, fallback, pipeline, retry, timeout } from 'fusewire';
import { onEachBackend, open, quickBreaker, record } from './support.ts';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

onEachBackend('util.inspect() of a breaker', (backend) => {
  it('shows the name, the state and the counters, and nothing else', async () => {
    const { breaker } = quickBreaker(backend, { name: 'mpesa', failureThreshold: 2 });
    await breaker.execute(() => 1);
    await breaker.execute(() => Promise.reject(new Error('s3cr3t'))).catch(() => undefined);
    assert.equal(
      inspect(breaker, { breakLength: Number.POSITIVE_INFINITY }),
      "CircuitBreaker { name: 'mpesa', state: 'CLOSED', inFlight: 0, failureCount: 1, successCount: 1, " +
        'totalRequests: 2, totalFailures: 1, totalRejected: 0 }',
    );
  });

  it('shows the state that `state` returns, and makes transitions that are due', async () => {
    const { breaker, clock } = quickBreaker(backend);
    await open(breaker);
    assert.match(inspect(breaker), /state: 'OPEN'/);
    const seen = record(breaker, 'halfOpen');
    clock.advance(1_000);
    assert.match(inspect(breaker), /state: 'HALF_OPEN'/);
    assert.equal(seen.length, 1);
  });

  it('shows a disposed breaker without throwing', () => {
    const breaker = new CircuitBreaker({ backend, name: 'mpesa' });
    breaker.dispose();
    assert.equal(inspect(breaker), "CircuitBreaker { name: 'mpesa', disposed: true }");
  });

  it('shows the class alone below the depth asked for', () => {
    const breaker = new CircuitBreaker({ backend, name: 'mpesa' });
    assert.equal(inspect({ deep: { breaker } }, { depth: 1 }), '{ deep: { breaker: [CircuitBreaker] } }');
    assert.match(inspect({ breaker }, { depth: 1 }), /CircuitBreaker \{\s+name: 'mpesa'/);
    assert.match(inspect({ breaker }, { depth: null }), /CircuitBreaker \{\s+name: 'mpesa'/);
  });

  it('works in a runtime that passes neither options nor a function', () => {
    const breaker = new CircuitBreaker({ backend, name: 'mpesa' }) as unknown as Record<
      typeof INSPECT,
      (depth: number) => Record<string, unknown>
    >;
    assert.equal(breaker[INSPECT]?.(2)['name'], 'mpesa');
  });
});

describe('util.inspect() of a pipeline', () => {
  it('shows the name and the layers, with the states of breakers', async () => {
    const breaker = new CircuitBreaker({ name: 'mpesa', failureThreshold: 1, classify: () => 'failure' });
    const orders = pipeline([timeout(1_000), retry({ name: 'again' }), breaker, bulkhead({ limit: 3 })], {
      name: 'orders',
      checked: false,
    });
    const compact = { breakLength: Number.POSITIVE_INFINITY, compact: 10 };
    const layers = (state: string) =>
      `Pipeline { name: 'orders', layers: [ { kind: 'timeout', name: 'timeout' }, { kind: 'retry', name: 'again' }, ` +
      `{ kind: 'breaker', name: 'mpesa', ${state} }, { kind: 'bulkhead', name: 'bulkhead' } ] }`;
    assert.equal(inspect(orders, compact), layers("state: 'CLOSED'"));
    await breaker.execute(() => Promise.reject(new Error('s3cr3t'))).catch(() => undefined);
    assert.equal(inspect(orders, compact), layers("state: 'OPEN'"));
    breaker.dispose();
    assert.equal(inspect(orders, compact), layers('disposed: true'));
  });

  it('shows the class alone below the depth asked for', () => {
    assert.equal(inspect({ a: pipeline([timeout(1)]) }, { depth: 0 }), '{ a: [Pipeline] }');
  });
});

describe('util.inspect() of a policy', () => {
  it('shows the name and the counters', async () => {
    const policy = retry({ name: 'again' });
    await policy.execute(() => 1);
    const text = inspect(policy, { breakLength: Number.POSITIVE_INFINITY });
    assert.match(text, /^Retry \{ name: 'again', totalCalls: 1, .* \}$/);
    assert.match(inspect(timeout(1_000)), /^Timeout \{/);
  });

  it('shows no strategy of a fallback', () => {
    const policy = fallback([{ name: 'static', execute: () => 's3cr3t' }]);
    assert.doesNotMatch(inspect(policy, { depth: null }), /s3cr3t|execute/);
  });
});
