import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CircuitBreaker } from '@fusewire/opossum';
import { advance, settled, sleep, useFakeTime } from './fake-time.ts';

useFakeTime();

const fails = async (): Promise<never> => {
  throw new Error('failed');
};
const never = { errorThresholdPercentage: 100 };

describe('CircuitBreaker', () => {
  it('resolves with the value of the action, and rejects with its very error', async () => {
    const error = new Error('failed');
    const breaker = new CircuitBreaker(async (x: number) => {
      if (x < 0) throw error;
      return x * 2;
    });
    assert.equal(await breaker.fire(21), 42);
    await assert.rejects(breaker.fire(-1), (thrown) => thrown === error);
  });

  it('accepts actions that return, throw or resolve thenables, and values', async () => {
    assert.equal(await new CircuitBreaker(() => 5).fire(), 5);
    assert.equal(await new CircuitBreaker(() => ({ then: (done: (value: string) => void) => done('x') })).fire(), 'x');
    assert.equal(await new CircuitBreaker('foo').fire(), 'foo');
    assert.equal(await new CircuitBreaker(Promise.resolve('bar')).fire(), 'bar');
    const broken = new CircuitBreaker(() => {
      throw new Error('thrown');
    });
    await assert.rejects(broken.fire(), { message: 'thrown' });
    assert.equal(broken.opened, true);
  });

  it('throws without an action', () => {
    for (const action of [undefined, null, 0, '', false]) {
      assert.throws(() => new CircuitBreaker(action as never), { name: 'TypeError', message: /^No action provided\./ });
    }
  });

  it('passes arguments and context to the action', async () => {
    const action = async function (this: unknown, ...args: unknown[]) {
      return { context: this, args };
    };
    const breaker = new CircuitBreaker(action);
    const context = { tenant: 1 };
    assert.deepEqual(await breaker.call(context, 1, 2), { context, args: [1, 2] });
    assert.equal((await breaker.fire()).context, action);
  });

  it('rejects with ETIMEDOUT after the timeout', async () => {
    const breaker = new CircuitBreaker(() => sleep(50), { timeout: 20 });
    const call = breaker.fire();
    const rejected = assert.rejects(call, { name: 'Error', code: 'ETIMEDOUT', message: 'Timed out after 20ms' });
    await advance(20);
    await rejected;
    assert.deepEqual([breaker.stats.timeouts, breaker.stats.failures, breaker.stats.latencyTimes], [1, 1, [20, 20]]);
    await advance(40);
    assert.equal(breaker.stats.successes, 0);
  });

  for (const timeout of [false, 0] as const) {
    it(`waits without limit with timeout ${timeout}`, async () => {
      const breaker = new CircuitBreaker(() => sleep(60_000).then(() => 'done'), { timeout });
      const call = breaker.fire();
      await advance(59_999);
      assert.equal(breaker.stats.successes, 0);
      await advance(1);
      assert.equal(await call, 'done');
    });
  }

  it('rejects while the circuit is open', async () => {
    const breaker = new CircuitBreaker(fails);
    await assert.rejects(breaker.fire(), { message: 'failed' });
    await assert.rejects(breaker.fire(), { name: 'Error', code: 'EOPENBREAKER', message: 'Breaker is open' });
  });

  it('runs at most `capacity` actions at the same time', async () => {
    const breaker = new CircuitBreaker(() => sleep(10), { ...never, capacity: 2 });
    const calls = [breaker.fire(), breaker.fire()];
    assert.equal(breaker.semaphore.count, 0);
    await assert.rejects(breaker.fire(), { name: 'Error', code: 'ESEMLOCKED', message: 'Semaphore locked' });
    await advance(10);
    await Promise.all(calls);
    assert.equal(breaker.semaphore.count, 2);
    const again = breaker.fire();
    await advance(10);
    await again;
  });

  it('rejects every call with a capacity of 0', async () => {
    const breaker = new CircuitBreaker(() => assert.fail(), { capacity: 0 });
    await assert.rejects(breaker.fire(), { code: 'ESEMLOCKED' });
  });

  it('grants the slots of its semaphore in the order of the requests', async () => {
    const { semaphore } = new CircuitBreaker(fails, { capacity: 1 });
    assert.deepEqual([semaphore.test(), semaphore.count, semaphore.test()], [true, 0, false]);
    const impatient = assert.rejects(semaphore.take(20), { code: 'ETIMEDOUT' });
    let taken = 0;
    for (const timeout of [undefined, 50]) void semaphore.take(timeout).then(() => taken++);
    await advance(20);
    await impatient;
    assert.equal(taken, 0);
    semaphore.release();
    await settled();
    assert.deepEqual([taken, semaphore.count], [1, 0]);
    semaphore.release();
    semaphore.release();
    const release = await semaphore.take();
    assert.equal(semaphore.count, 0);
    release();
    await advance(50);
    assert.deepEqual([taken, semaphore.count], [2, 1]);
  });

  it('rejects every call after shutdown(), and emits nothing', async () => {
    const breaker = new CircuitBreaker(async () => 1);
    let shutdowns = 0;
    breaker.on('shutdown', () => shutdowns++);
    breaker.fallback(() => assert.fail());
    breaker.shutdown();
    breaker.shutdown();
    assert.equal(shutdowns, 1);
    await assert.rejects(breaker.fire(), { code: 'ESHUTDOWN', message: 'The circuit has been shutdown.' });
    const { isShutdown, enabled, closed, opened, halfOpen, pendingClose } = breaker;
    assert.deepEqual(
      [isShutdown, enabled, closed, opened, halfOpen, pendingClose],
      [true, false, false, false, false, false],
    );
    assert.deepEqual([breaker.eventNames(), breaker.stats.fires], [[], 0]);
  });

  it('lets calls end that began before shutdown()', async () => {
    const breaker = new CircuitBreaker(() => sleep(10).then(() => 'late'));
    const call = breaker.fire();
    breaker.shutdown();
    await advance(10);
    assert.equal(await call, 'late');
  });

  it('recognises its own errors by isOurError()', async () => {
    const breaker = new CircuitBreaker(fails);
    const [theirs, ours] = await Promise.all(
      [breaker.fire(), breaker.fire()].map((call) => call.catch((error) => error)),
    );
    assert.equal(CircuitBreaker.isOurError(theirs), false);
    breaker.open();
    const rejection: unknown = await breaker.fire().catch((error: unknown) => error);
    assert.equal(CircuitBreaker.isOurError(rejection), true);
    assert.equal(ours instanceof Error, true);
    for (const other of [null, undefined, 'x', {}, new Error('x')])
      assert.equal(CircuitBreaker.isOurError(other), false);
  });

  it('runs actions without protection while disabled', async () => {
    const breaker = new CircuitBreaker((x?: string) => (x === undefined ? fails() : x), {
      enabled: false,
      cache: true,
    });
    breaker.fallback(() => assert.fail());
    await assert.rejects(breaker.fire(), { message: 'failed' });
    assert.equal(await breaker.fire('x'), 'x');
    assert.deepEqual(
      [breaker.enabled, breaker.closed, breaker.stats.fires, breaker.stats.failures],
      [false, true, 2, 0],
    );
    breaker.enable();
    breaker.fallback(() => 'protected');
    assert.equal(await breaker.fire(), 'protected');
    breaker.disable();
    await assert.rejects(breaker.fire(), { message: 'failed' });
  });

  it('answers with the fallback if the action fails, times out or may not run', async () => {
    const breaker = new CircuitBreaker((ms: number) => (ms < 0 ? fails() : sleep(ms)), {
      ...never,
      timeout: 10,
      capacity: 1,
    });
    breaker.fallback((ms: number, error: Error & { code?: string }) => `${ms} ${error.code ?? error.message}`);
    assert.equal(await breaker.fire(-1), '-1 failed');
    const slow = breaker.fire(50);
    assert.equal(await breaker.fire(1), '1 ESEMLOCKED');
    await advance(10);
    assert.equal(await slow, '50 ETIMEDOUT');
    breaker.open();
    assert.equal(await breaker.fire(2), '2 EOPENBREAKER');
    assert.equal(breaker.stats.fallbacks, 4);
  });

  it('fires a breaker that is the fallback', async () => {
    const second = new CircuitBreaker(async (x: string, error: Error) => `${x} after ${error.message}`);
    const first = new CircuitBreaker<[string], unknown>(fails).fallback(second);
    assert.equal(await first.fire('second'), 'second after failed');
    assert.equal(second.stats.fires, 1);
  });

  it('rejects with the error of the fallback', async () => {
    const breaker = new CircuitBreaker(fails);
    breaker.fallback(() => {
      throw new Error('thrown');
    });
    await assert.rejects(breaker.fire(), { message: 'thrown' });
    breaker.fallback(async () => {
      throw new Error('rejected');
    });
    await assert.rejects(breaker.fire(), { message: 'rejected' });
  });

  it('throws if the fallback is neither a function nor a breaker', () => {
    const breaker = new CircuitBreaker(fails);
    for (const fallback of [5, 'x', {}]) assert.throws(() => breaker.fallback(fallback as never), TypeError);
  });

  it('counts filtered errors as successes, and calls no fallback for them', async () => {
    const seen: unknown[][] = [];
    const breaker = new CircuitBreaker<[number, string], unknown>(fails, {
      errorFilter: (...args) => seen.push(args) > 0,
    }).fallback(() => assert.fail());
    await assert.rejects(breaker.fire(1, 'a'), { message: 'failed' });
    assert.deepEqual(seen[0]?.slice(1), [1, 'a']);
    const { failures, successes } = breaker.stats;
    assert.deepEqual([breaker.closed, failures, successes], [true, 0, 1]);
  });
});
