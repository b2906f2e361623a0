/** Predictions: a circuit opens before its failures reach the threshold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreakerManager } from '../src/circuitBreaker.js';
import { watchTrends } from '../src/operations/trends.js';

/** Runs ten calls a second for 75 s, of which more and more fail. Returns the number of failures at the opening. */
async function risingFailures(mode: string) {
  let now = 0;
  const manager = new CircuitBreakerManager();
  manager.configure({ logger: false });
  const breaker = manager.create('mpesa', { failureThreshold: 80, clock: () => now });
  const warnings: string[] = [];
  const trends = watchTrends(manager.engines(), mode, { warn: (message: string) => warnings.push(message) });
  for (let call = 0; call < 900 && breaker.state === 'CLOSED'; call++) {
    now += 100;
    const share = Math.max(0, (call - 400) / 500);
    const fails = Math.floor(call * share) !== Math.floor((call - 1) * share);
    await breaker.execute(() => (fails ? Promise.reject(new Error('HTTP 503')) : Promise.resolve())).catch(() => {});
  }
  trends.stop();
  return { breaker, warnings, stats: trends.stats() as Record<string, { cameTrue: number }> };
}

test('in shadow mode a prediction is logged, and comes true', async () => {
  const { breaker, warnings, stats } = await risingFailures('shadow');
  assert.equal(breaker.engine.explain().reason, 'failure-threshold');
  assert.match(String(warnings[0]), /^Circuit breaker mpesa: would open now, because/);
  assert.equal(stats.mpesa?.cameTrue, 1);
});

test('in enforce mode the circuit opens before the threshold is reached', async () => {
  const { breaker } = await risingFailures('enforce');
  assert.equal(breaker.engine.explain().reason, 'predicted');
  assert.ok(breaker.getStats().failureCount < 80);
});
