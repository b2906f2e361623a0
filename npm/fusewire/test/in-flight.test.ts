import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CircuitBreaker, CircuitOpenError, pipeline, timeout } from 'fusewire';
import { deferred, onEachBackend, quickBreaker, rejection, thrown } from './support.ts';

const SLOW = { slowCallRateThreshold: 0.5, slowCallDuration: 1_500, minimumCalls: 4, timeout: false } as const;
const never = (): Promise<never> => new Promise(() => undefined);

onEachBackend('calls in flight', (backend) => {
  it('open the circuit while they hang, once they are slow', () => {
    const { breaker, clock } = quickBreaker(backend, { ...SLOW, inFlight: { limit: false } });
    const transitions: string[] = [];
    breaker.on('stateChange', ({ from, to, reason }) => transitions.push(`${from} ${to} ${reason}`));
    for (let call = 0; call < 4; call++) void breaker.execute(never);
    clock.advance(1_499);
    assert.equal(breaker.state, 'CLOSED');
    assert.equal(breaker.explain().unansweredCalls, 4);
    clock.advance(1);
    assert.equal(breaker.state, 'OPEN');
    assert.deepEqual(transitions, ['CLOSED OPEN slow-call-rate']);
    const { observed, threshold } = breaker.explain();
    assert.deepEqual({ observed, threshold }, { observed: 1, threshold: 0.5 });
  });

  it('appear as overdueCalls, and are counted once', async () => {
    const { breaker, clock } = quickBreaker(backend, { ...SLOW, inFlight: { limit: false } });
    const hanging = [deferred(), deferred(), deferred()];
    const calls = hanging.map(({ promise }) => breaker.execute(() => promise));
    clock.advance(1_500);
    const before = breaker.getStats();
    assert.deepEqual([before.overdueCalls, before.slowCallCount, before.slowCallRate], [3, 0, 1]);
    hanging[0]?.resolve('late');
    assert.equal(await calls[0], 'late');
    const after = breaker.getStats();
    assert.deepEqual([after.overdueCalls, after.slowCallCount, after.slowCallRate, after.inFlight], [2, 1, 1, 2]);
    assert.equal(breaker.state, 'CLOSED');
  });

  it('are limited until the first success', async () => {
    const { breaker } = quickBreaker(backend, { timeout: 1_500, inFlight: { limit: 2 } });
    const first = deferred();
    const call = breaker.execute(() => first.promise);
    const aborted = breaker.execute(never, { signal: AbortSignal.abort() });
    await rejection(aborted);
    void breaker.tryExecute(never);
    const result = await breaker.tryExecute(() => assert.fail('must not run'));
    assert.ok(result.status === 'rejected' && result.rejection instanceof CircuitOpenError);
    const { reason, state, retryAfter, why } = result.rejection;
    assert.deepEqual([reason, state, retryAfter, why], ['in-flight-limit', 'CLOSED', 1_500, null]);
    const error = await rejection(breaker.execute(() => assert.fail('must not run')));
    assert.equal(String(error), 'CircuitOpenError: Circuit breaker mpesa is waiting for answers; next attempt in 2 s');
    const { capped, inFlightLimit, unansweredCalls, badSigns } = breaker.explain();
    assert.deepEqual(
      { capped, inFlightLimit, unansweredCalls, badSigns },
      { capped: true, inFlightLimit: 2, unansweredCalls: 2, badSigns: 0 },
    );
    first.resolve(1);
    await call;
    assert.equal(breaker.getStats().capped, false);
    for (let more = 0; more < 20; more++) void breaker.tryExecute(never);
    assert.equal(breaker.getStats().inFlight, 21);
  });

  it('are limited again after `limit` bad signs in a row', async () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 100, timeout: false, inFlight: { limit: 2 } });
    const fail = () => Promise.reject(new Error('down'));
    await breaker.execute(() => 1);
    for (let call = 0; call < 2; call++) await rejection(breaker.execute(fail));
    assert.deepEqual([breaker.explain().badSigns, breaker.getStats().capped], [2, true]);
    const running = deferred();
    const call = breaker.execute(() => running.promise);
    void breaker.tryExecute(never);
    assert.equal((await breaker.tryExecute(never)).status, 'rejected');
    running.resolve(1);
    await call;
    assert.deepEqual([breaker.explain().badSigns, breaker.getStats().capped], [0, false]);
  });

  it('free their slot when they are overdue, aborted or settled', async () => {
    const { breaker, clock } = quickBreaker(backend, { ...SLOW, minimumCalls: 100, inFlight: { limit: 1 } });
    void breaker.tryExecute(never);
    assert.equal((await breaker.tryExecute(never)).status, 'rejected');
    clock.advance(1_500);
    const controller = new AbortController();
    const aborted = breaker.execute(never, { signal: controller.signal });
    assert.equal((await breaker.tryExecute(never)).status, 'rejected');
    controller.abort();
    await rejection(aborted);
    assert.equal(await breaker.execute(() => 'good'), 'good');
    assert.equal(breaker.getStats().capped, false);
  });

  it('are limited inside a pipeline too', async () => {
    const { breaker } = quickBreaker(backend, { timeout: false, inFlight: { limit: 3 } });
    const calls = pipeline([breaker, timeout(60_000)]);
    const settled = await Promise.allSettled(Array.from({ length: 10 }, () => calls.execute(() => 1)));
    assert.equal(settled.filter(({ status }) => status === 'rejected').length, 7);
    assert.equal(await calls.execute(() => 1), 1);
  });

  it('cannot have limit: false without the slow-call rule, nor a limit that is no count', () => {
    const message = (limit: unknown) =>
      thrown(() => new CircuitBreaker({ name: 'mpesa', backend, inFlight: { limit } as never })).message;
    assert.equal(
      message(false),
      'Circuit breaker mpesa: inFlight.limit must be a number when slowCallRateThreshold is omitted',
    );
    assert.equal(
      message(1.5),
      'Circuit breaker mpesa: inFlight.limit must be a whole number from 1 to 1000000, or 0 or false for none, got 1.5',
    );
  });

  it('are unlimited by default', () => {
    const breaker = new CircuitBreaker({ backend, timeout: false });
    for (let call = 0; call < 100; call++) void breaker.tryExecute(never);
    const { capped, overdueCalls, inFlight } = breaker.getStats();
    assert.deepEqual({ capped, overdueCalls, inFlight }, { capped: false, overdueCalls: 0, inFlight: 100 });
    assert.equal(breaker.explain().inFlightLimit, null);
  });

  if (backend === 'native') {
    it('are counted over all instances that share the breaker', async () => {
      const name = 'shared by calls in flight';
      const [here, there] = [0, 1].map(
        () => new CircuitBreaker({ name, scope: 'process', timeout: false, inFlight: { limit: 2 } }),
      ) as [CircuitBreaker, CircuitBreaker];
      const first = deferred();
      const call = here.execute(() => first.promise);
      void there.tryExecute(never);
      assert.equal((await here.tryExecute(never)).status, 'rejected');
      assert.equal((await there.tryExecute(never)).status, 'rejected');
      first.resolve(1);
      await call;
      assert.equal(await there.execute(() => 2), 2);
    });
  }
});
