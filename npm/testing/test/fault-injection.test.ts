import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTime, faultInjection, InjectedError } from '@fusewire/testing';
import type { FaultInjectionOptions } from '@fusewire/testing';

/** Returns the outcome of each call, and the time after which it settled. */
async function outcomes(options: FaultInjectionOptions, calls: number): Promise<string[]> {
  using time = fakeTime();
  const seen: string[] = [];
  const work = faultInjection(options).wrap((context: { signal: AbortSignal }) => Promise.resolve(context));
  for (let call = 0; call < calls; call++) {
    const started = time.now;
    const controller = new AbortController();
    const settled = work(controller).then(
      () => 'made',
      (error: unknown) => (error instanceof InjectedError ? 'failed' : 'hung'),
    );
    void settled.then((outcome) => seen.push(`${outcome} after ${time.now - started}`));
    await time.advance(1_000);
    controller.abort(new Error('enough'));
    await settled;
    await time.settle();
  }
  return seen;
}

test('faultInjection() injects the same faults with the same seed, and others with another', async () => {
  const options = { seed: 7, errorRate: 0.3, hangRate: 0.1, delayRate: 0.5, minimumDelay: 10, maximumDelay: 50 };
  const first = await outcomes(options, 100);
  assert.deepEqual(await outcomes(options, 100), first);
  assert.notDeepEqual(await outcomes({ ...options, seed: 8 }, 100), first);
});

test('faultInjection() keeps its shares, and a delay does not move the errors', async () => {
  const base = { seed: 1, errorRate: 0.2 };
  const calls = 2_000;
  const faults = faultInjection({ ...base, hangRate: 0 });
  const work = faults.wrap(() => 'made');
  const failedCalls = async (run: () => Promise<unknown>) => {
    const failed: number[] = [];
    for (let call = 0; call < calls; call++) await run().catch(() => failed.push(call));
    return failed;
  };
  const failed = await failedCalls(work);
  assert.ok(failed.length > calls * 0.17 && failed.length < calls * 0.23, `${failed.length} of ${calls} failed`);
  assert.deepEqual(faults.getStats(), { calls, errors: failed.length, delayed: 0, hangs: 0 });
  using time = fakeTime();
  const delayed = faultInjection({ ...base, minimumDelay: 5 }).wrap(() => 'made');
  const slow = failedCalls(delayed);
  await time.advance(5 * calls);
  assert.deepEqual(await slow, failed);
});

test('faultInjection() injects nothing while enabled is false', async () => {
  const faults = faultInjection({ seed: 1, errorRate: 1, makeError: () => new TypeError('mine') });
  const work = faults.wrap(function (this: { value: number }, more: number) {
    return this.value + more;
  });
  await assert.rejects(work.call({ value: 1 }, 2), { name: 'TypeError', message: 'mine' });
  faults.enabled = false;
  assert.equal(await work.call({ value: 1 }, 2), 3);
  assert.equal(faults.getStats().calls, 1);
});

test('faultInjection() reports every invalid option at once', () => {
  const options = { seed: -1, errorRate: 2, hangRate: 'no', minimumDelay: 10, maximumDelay: 5, chaos: true };
  assert.throws(
    () => faultInjection(options as never),
    (error: Error) => {
      assert.match(error.message, /^Fault injection faults: /);
      assert.match(error.message, /seed must be a whole number from 0 to 4294967295, got -1/);
      assert.match(error.message, /errorRate must be a number from 0 to 1, got 2/);
      assert.match(error.message, /hangRate must be a number from 0 to 1, got a string/);
      assert.match(error.message, /maximumDelay must be a number of milliseconds from 10 to 2147483647, got 5/);
      assert.match(error.message, /chaos is not an option/);
      return true;
    },
  );
  assert.throws(() => faultInjection({} as never), /seed must be given/);
  assert.throws(() => faultInjection({ seed: 1, errorRate: 0.6, hangRate: 0.6 }), /at most 1 together with errorRate/);
});
