import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CircuitBreaker, CircuitOpenError } from 'fusewire';
import type { StateChangeEvent } from 'fusewire';
import { deferred, onEachBackend, open, quickBreaker, record, rejection } from './support.ts';

onEachBackend('a circuit', (backend) => {
  it('opens, half-opens and closes, and emits each transition', async () => {
    const { breaker, clock } = quickBreaker(backend);
    const transitions: StateChangeEvent[] = [];
    breaker.on('stateChange', (event) => transitions.push(event));
    const seen = record(breaker, 'open', 'halfOpen', 'close');
    await open(breaker);
    clock.advance(999);
    assert.equal(breaker.state, 'OPEN');
    clock.advance(1);
    assert.equal(await breaker.execute(() => 1), 1);
    assert.equal(breaker.state, 'HALF_OPEN');
    assert.equal(await breaker.execute(() => 2), 2);
    assert.equal(breaker.state, 'CLOSED');
    assert.deepEqual(
      transitions.map(({ breaker, from, to, reason, shadow, observed, threshold }) => [
        breaker,
        from,
        to,
        reason,
        shadow,
        observed,
        threshold,
      ]),
      [
        ['mpesa', 'CLOSED', 'OPEN', 'failure-threshold', false, 2, 2],
        ['mpesa', 'OPEN', 'HALF_OPEN', 'open-time-elapsed', false, 1_000, 1_000],
        ['mpesa', 'HALF_OPEN', 'CLOSED', 'probes-succeeded', false, 2, 2],
      ],
    );
    assert.ok(transitions.every(({ at }) => at instanceof Date));
    assert.deepEqual(seen, ['open', 'halfOpen', 'close']);
  });

  it('makes a due transition when its state is read', () => {
    const { breaker, clock } = quickBreaker(backend);
    const release = breaker.forceOpen();
    release();
    return open(breaker).then(() => {
      const seen = record(breaker, 'halfOpen');
      clock.advance(5_000);
      assert.deepEqual(seen, []);
      assert.equal(breaker.getStats().state, 'HALF_OPEN');
      assert.deepEqual(seen, ['halfOpen']);
    });
  });

  it('dates a transition at the time it was due, not when it was noticed', async () => {
    const { breaker, clock } = quickBreaker(backend);
    await open(breaker);
    const transitions: StateChangeEvent[] = [];
    breaker.on('halfOpen', (event) => transitions.push(event));
    clock.advance(61_000);
    const readAt = Date.now();
    assert.equal(breaker.state, 'HALF_OPEN');
    const late = readAt - (transitions[0]?.at.getTime() ?? 0);
    assert.ok(late >= 59_990 && late <= 60_010, `${late}`);
  });

  it('admits maxConcurrentRequests probes and rejects the rest', async () => {
    const { breaker, clock } = quickBreaker(backend, { maxConcurrentRequests: 2, timeout: false });
    await open(breaker);
    clock.advance(1_000);
    const probes = [deferred<number>(), deferred<number>()] as const;
    const calls = probes.map(({ promise }) => breaker.execute(() => promise));
    const error = await rejection(breaker.execute(() => assert.fail('must not run')));
    assert.ok(error instanceof CircuitOpenError);
    assert.match(
      error.message,
      /^Circuit breaker mpesa is HALF_OPEN, after it had opened: 2 failures in 60 s \(threshold 2\)/,
    );
    assert.equal(error.why?.rule, 'failure-threshold');
    assert.equal(error.reason, 'half-open');
    assert.equal(error.state, 'HALF_OPEN');
    probes.forEach(({ resolve }) => resolve(1));
    assert.deepEqual(await Promise.all(calls), [1, 1]);
    assert.equal(breaker.state, 'CLOSED');
  });

  it('opens again as soon as a probe fails', async () => {
    const { breaker, clock } = quickBreaker(backend, { timeout: false, responseTimes: false });
    await open(breaker);
    clock.advance(1_000);
    await rejection(breaker.execute(() => Promise.reject(new Error('still down'))));
    assert.equal(breaker.state, 'OPEN');
    assert.equal(breaker.explain().reason, 'probe-failed');
  });

  it('emits both transitions when a probe has expired and the open time after it has passed', async () => {
    const { breaker, clock } = quickBreaker(backend, { timeout: false });
    await open(breaker);
    clock.advance(1_000);
    void breaker.execute(() => deferred().promise);
    const transitions: string[] = [];
    breaker.on('stateChange', ({ from, to, reason }) => transitions.push(`${from} ${to} ${reason}`));
    clock.advance(2_000);
    assert.equal(breaker.state, 'HALF_OPEN');
    assert.deepEqual(transitions, ['HALF_OPEN OPEN probe-expired', 'OPEN HALF_OPEN open-time-elapsed']);
  });

  it('rejects some calls while it recovers', async () => {
    const { breaker, clock } = quickBreaker(backend, {
      successThreshold: 1,
      recovery: { ramp: 1_000, initialShare: 0.5 },
    });
    await open(breaker);
    clock.advance(1_000);
    await breaker.execute(() => 1);
    assert.equal(breaker.state, 'CLOSED');
    const results = [];
    for (let call = 0; call < 20; call++) results.push(await breaker.tryExecute(() => 1));
    const rejected = results.filter((result) => result.status === 'rejected');
    assert.ok(rejected.length >= 9 && rejected.length <= 10, `${rejected.length}`);
    const [first] = rejected;
    assert.ok(first?.status === 'rejected' && first.rejection instanceof CircuitOpenError);
    const { reason, state, retryAfter } = first.rejection;
    assert.deepEqual([reason, state, retryAfter], ['recovering', 'CLOSED', 1_000]);
    const settled = await Promise.allSettled([breaker.execute(() => 1), breaker.execute(() => 1)]);
    const errors = settled.map((result) => (result.status === 'rejected' ? String(result.reason) : ''));
    const [message, ...others] = errors.filter(Boolean);
    assert.match(
      String(message),
      /^CircuitOpenError: Circuit breaker mpesa is recovering, after it had opened: 2 failures/,
    );
    assert.deepEqual(others, []);
    clock.advance(1_000);
    for (let call = 0; call < 4; call++) assert.equal(await breaker.execute(() => 1), 1);
  });

  it('has stack traces in its errors with rejectionStack', async () => {
    const { breaker } = quickBreaker(backend, { rejectionStack: true });
    await open(breaker);
    const error = (await rejection(breaker.execute(() => 1))) as Error;
    assert.match(error.stack ?? '', /\n\s+at /);
  });

  it('restores Error.stackTraceLimit', async () => {
    const { breaker } = quickBreaker(backend);
    await open(breaker);
    const limit = Error.stackTraceLimit;
    await rejection(breaker.execute(() => 1));
    assert.equal(Error.stackTraceLimit, limit);
    assert.match(new Error('after').stack ?? '', /\n\s+at /);
  });

  it('continues from a snapshot', async () => {
    const { breaker, clock } = quickBreaker(backend);
    await breaker.execute(() => 1);
    await open(breaker);
    clock.advance(400);
    const saved = JSON.parse(JSON.stringify(breaker)) as ReturnType<typeof breaker.toJSON>;
    assert.equal(saved.version, 1);
    assert.equal(saved.name, 'mpesa');
    clock.now = 50;
    const restored = CircuitBreaker.restore(saved, {
      backend,
      clock: clock.read,
      failureThreshold: 2,
      resetTimeout: 1_000,
    });
    assert.equal(restored.name, 'mpesa');
    assert.equal(restored.backend, backend);
    assert.equal(restored.state, 'OPEN');
    assert.equal(restored.getStats().retryAfter, 600);
    assert.equal(restored.getStats().totalFailures, 2);
    assert.equal(restored.getStats().totalSuccesses, 1);
    clock.advance(600);
    assert.equal(restored.state, 'HALF_OPEN');
    const renamed = CircuitBreaker.restore(saved, { backend, name: 'other' });
    assert.equal(renamed.name, 'other');
  });

  it('rejects an invalid snapshot', () => {
    const saved = new CircuitBreaker({ backend }).toJSON();
    for (const bad of [undefined, null, [], 'text', 1, {}, { ...saved, version: 99 }, { ...saved, state: 'AJAR' }]) {
      assert.throws(
        () => CircuitBreaker.restore(bad as never, { backend }),
        (error: Error & { code?: string }) => error.code === 'ERR_OPTIONS' && error.message.includes('snapshot'),
        JSON.stringify(bad),
      );
    }
    assert.throws(() => CircuitBreaker.restore(saved, { backend, failureThreshold: 0 }), /failureThreshold must be/);
    assert.throws(
      () => CircuitBreaker.restore(saved, { name: 'mpesa', scope: 'process' }),
      /scope must be 'local' where a snapshot is restored/,
    );
  });
});
