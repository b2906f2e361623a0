import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { CallTimeoutError, pipeline, retry, retryBudget, timeout } from 'fusewire';
import { rejection, turn } from './support.ts';

const busy = Object.assign(new Error('HTTP 429'), { headers: { 'retry-after': '20' } });
const fails = () => Promise.reject(busy);

describe('retry() inside a timeout', () => {
  it('ends at once if the next attempt could only begin after the timeout', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
    const total = timeout({ name: 'total', timeout: 1_000 });
    const attempts = retry({ budget: retryBudget({ minimumPerSecond: 1 }) });
    // No timer expires in this test, so that a call which sleeps never settles.
    const error = await Promise.race([rejection(pipeline([total, attempts]).execute(fails)), turn()]);
    assert.ok(error instanceof CallTimeoutError);
    assert.equal(error.cause, busy);
    assert.equal(
      error.message,
      'Policy total timeout after 1000ms comes before the next attempt, which would begin in 20000ms',
    );
    assert.deepEqual(total.getStats(), { name: 'total', totalCalls: 1, totalTimeouts: 1, overrunning: 0 });
    const { totalFailures, totalRetries, inFlight } = attempts.getStats();
    assert.deepEqual({ totalFailures, totalRetries, inFlight }, { totalFailures: 1, totalRetries: 0, inFlight: 0 });
  });

  it('withdraws nothing from its budget for an attempt that cannot begin', async () => {
    const budget = retryBudget();
    await rejection(pipeline([timeout(1_000), retry({ budget })]).execute(fails));
    assert.equal(budget.getStats().totalGranted, 0);
  });

  it('obeys the timeout that ends first', async () => {
    for (const layers of [
      [timeout({ name: 'short', timeout: 1_000 }), timeout({ name: 'long', timeout: 15_000 })],
      [timeout({ name: 'long', timeout: 15_000 }), timeout({ name: 'short', timeout: 1_000 })],
    ]) {
      const error = await rejection(pipeline([...layers, retry()], { checked: false }).execute(fails));
      assert.ok(error instanceof CallTimeoutError);
      assert.equal(error.breaker, 'short');
    }
  });

  it('sleeps for an attempt that begins in time', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
    try {
      let attempts = 0;
      const call = pipeline({ timeout: 20_001, retry: { attempts: 2 } }).execute(() => {
        return ++attempts === 1 ? fails() : 'fine';
      });
      await turn();
      mock.timers.tick(20_000);
      assert.equal(await call, 'fine');
    } finally {
      mock.timers.reset();
    }
  });
});
