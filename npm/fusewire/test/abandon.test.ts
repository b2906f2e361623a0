import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { adaptiveBulkhead, bulkhead, pipeline, timeout } from 'fusewire';
import { assertProblems, deferred, pass, rejection } from './support.ts';

describe('abandonAfter', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }));
  afterEach(() => mock.timers.reset());

  for (const [name, create] of [
    ['bulkhead', () => bulkhead({ limit: 1, queueSize: 1, abandonAfter: 100 })],
    ['adaptive bulkhead', () => adaptiveBulkhead({ initial: 1, max: 1, queueSize: 1, abandonAfter: 100 })],
  ] as const) {
    it(`gives the slot of work that does not end to the next call of a ${name}`, async () => {
      const limit = create();
      const late = deferred();
      const calls = [pipeline([timeout(10), limit]), pipeline([limit, timeout(10)])] as const;
      for (const call of calls) {
        assert.ok(await Promise.race([rejection(call.execute(() => late.promise)), pass(15)]));
        const next = limit.execute(() => 'next');
        await pass(80);
        const { running, waiting, overrunning } = limit.getStats();
        assert.deepEqual([running, waiting, overrunning], [1, 1, 1]);
        await pass(20);
        assert.equal(await next, 'next');
      }
      late.resolve(1);
      await pass(5);
      const { running, overrunning, totalAbandoned, totalAdmitted } = limit.getStats();
      assert.deepEqual([running, overrunning, totalAbandoned, totalAdmitted], [0, 0, 2, 4]);
      assert.equal(await limit.execute(() => 'after'), 'after');
      assert.equal(limit.getStats().running, 0);
    });
  }

  it('leaves work alone whose call still waits for it, or that ends in time', async () => {
    const limit = bulkhead({ limit: 2, abandonAfter: 100 });
    const [awaited, late] = [deferred(), deferred()];
    const call = limit.execute(() => awaited.promise);
    assert.ok(await Promise.race([rejection(pipeline([timeout(10), limit]).execute(() => late.promise)), pass(15)]));
    await pass(50);
    late.resolve(1);
    await pass(500);
    assert.equal(limit.getStats().running, 1);
    awaited.resolve('answer');
    assert.equal(await call, 'answer');
    assert.equal(limit.getStats().totalAbandoned, 0);
  });

  it('is off by default', async () => {
    const limit = bulkhead({ limit: 1 });
    const late = deferred();
    assert.ok(await Promise.race([rejection(pipeline([timeout(10), limit]).execute(() => late.promise)), pass(15)]));
    await pass(100_0);
    assert.equal(limit.getStats().overrunning, 1);
    late.resolve(1);
  });

  it('is a number of milliseconds', () => {
    assertProblems(() => bulkhead({ abandonAfter: 0 }), ['abandonAfter']);
    assertProblems(() => adaptiveBulkhead({ abandonAfter: '1' as never }), ['abandonAfter']);
  });
});
