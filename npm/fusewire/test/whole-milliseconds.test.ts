import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CircuitBreaker, CircuitOpenError, RateLimitedError, rateLimit } from 'fusewire';
import { onEachBackend, open, rejection } from './support.ts';

onEachBackend('retryAfter of a breaker', (backend) => {
  it('is whole milliseconds, rounded up, wherever it appears', async () => {
    let now = 1_000.25;
    const breaker = new CircuitBreaker({ backend, failureThreshold: 1, resetTimeout: 1_000.5, clock: () => now });
    const events: (number | null)[] = [];
    breaker.on('reject', ({ retryAfter }) => events.push(retryAfter));
    await open(breaker);
    now += 300.125;
    const error = await rejection(breaker.execute(() => 1));
    assert.ok(error instanceof CircuitOpenError);
    assert.equal(error.retryAfter, 701);
    const result = await breaker.tryExecute(() => 1);
    assert.equal(result.status === 'rejected' && result.retryAfter, 701);
    assert.deepEqual(events, [701, 701]);
    assert.equal(breaker.getStats().retryAfter, 701);
    assert.equal(breaker.explain().retryAfter, 701);
  });

  it('is not rounded up because of a rounding error of the clock', async () => {
    let now = 0.1;
    const breaker = new CircuitBreaker({ backend, failureThreshold: 1, resetTimeout: 1_000, clock: () => now });
    await open(breaker);
    for (let step = 0; step < 9; step++) {
      now += 0.1;
      assert.ok(Number.isInteger(breaker.getStats().retryAfter));
    }
    now = 100.1;
    assert.equal(breaker.getStats().retryAfter, 900);
  });
});

describe('retryAfter of a rate limit', () => {
  it('is whole milliseconds, rounded up', async () => {
    const policy = rateLimit({ limit: 3, per: 1_000, burst: 1 });
    await policy.execute(() => 1);
    const error = await rejection(policy.execute(() => 1));
    assert.ok(error instanceof RateLimitedError);
    assert.ok(Number.isInteger(error.retryAfter) && error.retryAfter > 0 && error.retryAfter <= 334, `${error}`);
    assert.equal(error.message, `Policy rateLimit: too many calls, the next in ${error.retryAfter}ms`);
    assert.equal(new RateLimitedError('orders', 0.25).retryAfter, 1);
  });
});
