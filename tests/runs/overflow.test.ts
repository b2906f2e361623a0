import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  adaptiveBulkhead,
  bulkhead,
  CircuitBreaker,
  fallback,
  hedge,
  pipeline,
  rateLimit,
  retry,
  shedLoad,
} from 'fusewire';
import { timeout } from 'fusewire';

/** Number of calls that are made while the stack unwinds, each with a little more of it. */
const CALLS = 900;

interface Subject {
  execute(work: () => unknown): Promise<unknown>;
}

/** Creates layers, and a reading of what they hold, which is 0 when all calls have settled. */
const subjects: Record<string, () => readonly [Subject, () => Record<string, number>]> = {
  breaker: () => breakerOf({ timeout: 1_000 }),
  'breaker without timeout': () => breakerOf({ timeout: false, responseTimes: false }),
  timeout: () => policy(timeout(1_000)),
  retry: () => policy(retry({ attempts: 2, delay: 0 })),
  hedge: () => policy(hedge({ idempotent: true })),
  bulkhead: () => policy(bulkhead({ limit: 1_000 })),
  'adaptive bulkhead': () => policy(adaptiveBulkhead({ initial: 1_000, max: 1_000 })),
  'rate limit': () => policy(rateLimit({ limit: 1_000 })),
  shedLoad: () => policy(shedLoad()),
  'standard pipeline': () => {
    const [breaker, read] = breakerOf({ timeout: 1_000 });
    const limit = bulkhead({ limit: 1_000 });
    const policies = [fallback([{ name: 'none', when: () => false, execute: () => 0 }]), timeout(3_000), retry()];
    const calls = pipeline([...policies, breaker as CircuitBreaker, limit, timeout(500)]);
    return [calls, () => ({ ...read(), running: limit.getStats().running })];
  },
};

for (const [name, create] of Object.entries(subjects)) {
  test(`a stack overflow inside a call leaves nothing behind in a ${name}`, async () => {
    const [calls, read] = create();
    assert.equal(await calls.execute(() => 1), 1);
    const settled: Promise<unknown>[] = [];
    let made = 0;
    const overflow = (): void => {
      try {
        overflow();
      } catch {
        // The deepest frame.
      }
      if (made++ >= CALLS) return;
      try {
        settled.push(calls.execute(() => 1));
      } catch {
        // The stack has overflowed inside of the call.
      }
    };
    overflow();
    const outcomes = await Promise.allSettled(settled);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof RangeError, String(outcome.reason));
    }
    assert.ok(outcomes.some(({ status }) => status === 'fulfilled'));
    const held = Object.entries(read()).filter(([, count]) => count !== 0);
    assert.deepEqual(held, []);
    assert.equal(await calls.execute(() => 2), 2);
  });
}

function breakerOf(options: object): readonly [Subject, () => Record<string, number>] {
  const breaker = new CircuitBreaker({ name: 'overflow', failureThreshold: 1_000, ...options });
  let events = 0;
  breaker.on('success', () => events++);
  breaker.on('failure', () => events++);
  return [
    breaker,
    () => {
      const { inFlight, totalSuccesses, totalFailures } = breaker.getStats();
      return { inFlight, silent: totalSuccesses + totalFailures - events };
    },
  ];
}

function policy(calls: Subject & { getStats(): object }): readonly [Subject, () => Record<string, number>] {
  return [
    calls,
    () => {
      const { inFlight = 0, running = 0, waiting = 0, overrunning = 0 } = calls.getStats() as Record<string, number>;
      return { inFlight, running, waiting, overrunning };
    },
  ];
}
