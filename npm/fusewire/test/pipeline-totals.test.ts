// Every policy around every other, under failures and aborts at random: every call settles, and the totals of adjoining
// layers agree.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import {
  adaptiveBulkhead,
  bulkhead,
  CircuitBreaker,
  hedge,
  pipeline,
  rateLimit,
  retry,
  retryBudget,
  shedLoad,
  timeout,
} from 'fusewire';
import { turn } from './support.ts';

const CALLS = 3_000;

describe('the totals of a pipeline', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  for (const seed of [1, 2, 3]) {
    it(`account for every call and every slot (seed ${seed})`, async () => {
      const unhandled: unknown[] = [];
      const listener = (reason: unknown) => unhandled.push(reason);
      process.on('unhandledRejection', listener);
      const random = randomFrom(seed);
      const budget = retryBudget({ share: 0.5 });
      const policies = {
        timeout: timeout({ timeout: 400, name: 'total' }),
        retry: retry({
          attempts: 4,
          idempotent: true,
          delay: { type: 'decorrelated', initial: 5, max: 60, seed },
          budget,
        }),
        hedge: hedge({ delay: 60, maxHedges: 2, budget, idempotent: true }),
        shedLoad: shedLoad({ seed, maxRejection: 0.5 }),
        rateLimit: rateLimit({ limit: 60, per: 100, maxWait: 50 }),
        breaker: new CircuitBreaker({ failureRateThreshold: 0.8, minimumCalls: 50, resetTimeout: 100, timeout: 200 }),
        adaptiveBulkhead: adaptiveBulkhead({ initial: 40, queueSize: 20 }),
        bulkhead: bulkhead({ limit: 30, queueSize: 20, maxWait: 40 }),
        attemptTimeout: timeout({ timeout: 80, name: 'attempt', strategy: seed === 3 ? 'cooperative' : 'aggressive' }),
      };
      const calls = pipeline(policies);
      let running = 0;
      const work = async ({ signal }: { signal: AbortSignal }) => {
        running++;
        const [duration, fate, heeds] = [random() * 150, random(), random() < 0.5];
        if (heeds && signal.aborted) running--;
        if (heeds) signal.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, duration));
        running--;
        if (fate < 0.3) throw new Error('down');
        if (fate < 0.35) throw Object.assign(new Error('busy'), { status: 429, retryAfter: 30 });
        return fate;
      };
      const outcomes = { fulfilled: 0, rejected: 0 };
      for (let started = 0; started < CALLS; started++) {
        const controller = random() < 0.3 ? new AbortController() : undefined;
        const priority = Math.floor(random() * 5) as 0;
        calls.execute(work, { signal: controller?.signal, priority }).then(
          () => outcomes.fulfilled++,
          () => outcomes.rejected++,
        );
        if (controller !== undefined) setTimeout(() => controller.abort(new Error('enough')), random() * 200);
        if (started % 5 === 0) await pass(Math.ceil(random() * 10));
      }
      for (let time = 0; time < 2_000; time += 10) await pass(10);
      assert.equal(outcomes.fulfilled + outcomes.rejected, CALLS);
      assert.ok(outcomes.fulfilled > CALLS / 20 && outcomes.rejected > CALLS / 20, JSON.stringify(outcomes));
      assert.equal(running, 0);
      assertTotalsMatch(policies);
      assert.deepEqual(unhandled, []);
      process.off('unhandledRejection', listener);
    });
  }
});

interface Policies {
  timeout: ReturnType<typeof timeout>;
  retry: ReturnType<typeof retry>;
  hedge: ReturnType<typeof hedge>;
  shedLoad: ReturnType<typeof shedLoad>;
  rateLimit: ReturnType<typeof rateLimit>;
  breaker: CircuitBreaker;
  adaptiveBulkhead: ReturnType<typeof adaptiveBulkhead>;
  bulkhead: ReturnType<typeof bulkhead>;
  attemptTimeout: ReturnType<typeof timeout>;
}

/** Asserts that each layer has seen the calls that the layer around it passed on. */
function assertTotalsMatch(policies: Policies): void {
  const [total, attempt] = [policies.timeout.getStats(), policies.attemptTimeout.getStats()];
  const [again, copies, shed, rate] = [
    policies.retry.getStats(),
    policies.hedge.getStats(),
    policies.shedLoad.getStats(),
    policies.rateLimit.getStats(),
  ];
  const [breaker, limit, concurrency] = [
    policies.breaker.getStats(),
    policies.adaptiveBulkhead.getStats(),
    policies.bulkhead.getStats(),
  ];
  for (const { overrunning } of [total, attempt, limit, concurrency]) assert.equal(overrunning, 0);
  for (const { inFlight } of [again, copies, shed, breaker]) assert.equal(inFlight, 0);
  for (const { waiting } of [rate, limit, concurrency]) assert.equal(waiting, 0);
  for (const each of [limit, concurrency]) {
    assert.equal(each.running, 0);
    assert.equal(
      each.totalCalls,
      each.totalAdmitted + each.totalRejected + each.totalDisplaced + each.totalQueueTimeouts + each.totalAborted,
    );
  }
  assert.equal(again.totalCalls, CALLS);
  assert.equal(copies.totalCalls, again.totalCalls + again.totalRetries);
  assert.equal(shed.totalCalls, copies.totalCalls + copies.totalHedges);
  assert.equal(rate.totalCalls, shed.totalCalls - shed.totalShed);
  assert.equal(rate.totalCalls, rate.totalAdmitted + rate.totalRejected + rate.totalAborted);
  assert.equal(breaker.totalRequests, rate.totalAdmitted);
  assert.equal(limit.totalCalls, breaker.totalRequests - breaker.totalRejected);
  assert.equal(concurrency.totalCalls, limit.totalAdmitted);
}

async function pass(milliseconds: number): Promise<void> {
  mock.timers.tick(milliseconds);
  await turn();
}

/** Returns a generator of numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
