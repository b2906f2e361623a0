import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { it, mock } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import { COUNTING, onEachBackend, open, quickBreaker, record, runScript, thrown } from './support.ts';

onEachBackend('acquire()', (backend) => {
  it('counts a success, a failure and an ignored call at once', () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 3 });
    breaker.acquire().succeed();
    breaker.acquire().fail(new Error('down'));
    breaker.acquire().ignore();
    const { totalSuccesses, totalFailures, totalIgnored, inFlight } = breaker.getStats();
    assert.deepEqual(
      { totalSuccesses, totalFailures, totalIgnored, inFlight },
      {
        totalSuccesses: 1,
        totalFailures: 1,
        totalIgnored: 1,
        inFlight: 0,
      },
    );
  });

  it('counts a call in flight until its permit is settled', () => {
    const { breaker } = quickBreaker(backend);
    const permit = breaker.acquire();
    assert.equal(breaker.getStats().inFlight, 1);
    permit.succeed();
    assert.equal(breaker.getStats().inFlight, 0);
  });

  it('ignores every settlement after the first', () => {
    const { breaker } = quickBreaker(backend);
    const permit = breaker.acquire();
    permit.succeed();
    const other = breaker.acquire();
    permit.fail(new Error('late'));
    permit.ignore();
    permit.succeed();
    assert.equal(breaker.getStats().inFlight, 1);
    other.succeed();
    const { totalRequests, totalSuccesses } = breaker.getStats();
    assert.deepEqual([totalRequests, totalSuccesses], [2, 2]);
  });

  it('classifies the value and the error', () => {
    const { breaker } = quickBreaker(backend, {
      isFailure: (value: unknown) => value === 503,
      classify: (error) => (error === 'not found' ? 'ignore' : undefined),
    });
    const seen = record(breaker, 'success', 'failure', 'ignore');
    breaker.acquire().succeed(503);
    breaker.acquire().succeed(200);
    breaker.acquire().fail('not found');
    assert.deepEqual(seen, ['failure', 'success', 'ignore']);
  });

  it('throws a CircuitOpenError while the circuit is open, and counts the rejection', async () => {
    const { breaker } = quickBreaker(backend);
    const seen = record(breaker, 'reject');
    await open(breaker);
    const error = thrown(() => breaker.acquire()) as Error & { code?: unknown; retryAfter?: unknown };
    assert.equal(error.name, 'CircuitOpenError');
    assert.equal(error.retryAfter, 1_000);
    assert.deepEqual(seen, ['reject']);
    assert.equal(breaker.getStats().totalRejected, 1);
  });

  it('holds the probe of a half-open circuit until it is settled', async () => {
    const { breaker, clock } = quickBreaker(backend, { successThreshold: 1 });
    await open(breaker);
    clock.advance(1_000);
    const probe = breaker.acquire();
    assert.throws(() => breaker.acquire(), { reason: 'half-open' });
    probe.succeed();
    assert.equal(breaker.state, 'CLOSED');
  });

  it('gives back the probe of an ignored call', async () => {
    const { breaker, clock } = quickBreaker(backend, { successThreshold: 1 });
    await open(breaker);
    clock.advance(1_000);
    breaker.acquire().ignore();
    assert.equal(breaker.state, 'HALF_OPEN');
    breaker.acquire().fail(new Error('down'));
    assert.equal(breaker.state, 'OPEN');
  });

  it('ends the call with the timeout, aborts the signal and counts a late completion', (t) => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    t.after(() => mock.timers.reset());
    const { breaker } = quickBreaker(backend, { timeout: 50 });
    const permit = breaker.acquire();
    const ignored = breaker.acquire();
    mock.timers.tick(50);
    assert.equal((permit.signal.reason as Error).name, 'CallTimeoutError');
    permit.succeed();
    ignored.ignore();
    const { totalTimeouts, totalFailures, totalSuccesses, lateCompletions, inFlight } = breaker.getStats();
    assert.deepEqual([totalTimeouts, totalFailures, totalSuccesses, lateCompletions, inFlight], [2, 2, 0, 1, 0]);
  });

  it('does not abort the signal when it is settled', () => {
    const { breaker } = quickBreaker(backend);
    const permits = [breaker.acquire(), breaker.acquire(), breaker.acquire()] as const;
    permits[0].succeed();
    permits[1].fail(new Error('down'));
    permits[2].ignore();
    for (const { signal } of permits) assert.equal(signal.aborted, false);
  });

  it('ignores the call when the signal of the caller aborts, and leaves no listener behind', () => {
    const { breaker } = quickBreaker(backend);
    const controller = new AbortController();
    const permit = breaker.acquire({ signal: controller.signal });
    const settled = breaker.acquire({ signal: controller.signal });
    settled.succeed();
    assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
    controller.abort(new Error('gone'));
    assert.equal(permit.signal.reason, controller.signal.reason);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    permit.fail(new Error('late'));
    const { totalIgnored, totalFailures, inFlight } = breaker.getStats();
    assert.deepEqual([totalIgnored, totalFailures, inFlight], [1, 0, 0]);
  });

  it('throws the reason of a signal that has aborted, without asking the circuit', () => {
    const { breaker } = quickBreaker(backend);
    assert.throws(() => breaker.acquire({ signal: AbortSignal.abort(new Error('gone')) }), /gone/);
    assert.equal(breaker.getStats().totalRequests, 0);
  });

  it('throws a TypeError for options that are not valid', () => {
    const { breaker } = quickBreaker(backend);
    assert.throws(() => breaker.acquire({ signal: 'no' as never }), TypeError);
    assert.throws(() => breaker.acquire(1 as never), TypeError);
  });

  it('throws once the breaker is disposed, but permits in flight still settle', () => {
    const { breaker } = quickBreaker(backend);
    const permit = breaker.acquire();
    breaker.dispose();
    permit.fail(new Error('down'));
    assert.throws(() => breaker.acquire(), { name: 'BreakerDisposedError' });
  });

  it('ignores the call at the end of a using block', () => {
    const { breaker } = quickBreaker(backend);
    breaker.acquire()[Symbol.dispose]();
    const settled = breaker.acquire();
    settled.succeed();
    settled[Symbol.dispose]();
    const { totalIgnored, totalSuccesses } = breaker.getStats();
    assert.deepEqual([totalIgnored, totalSuccesses], [1, 1]);
  });

  it('gives back a probe without a timeout whose permit was collected', () => {
    const { status, stderr } = runScript(
      `${COUNTING}
      let now = 0;
      const options = { backend: '${backend}', timeout: false, failureThreshold: 1, resetTimeout: 1_000, clock: () => now };
      const breaker = new CircuitBreaker({ name: 'lost', ...options });
      breaker.acquire().fail(new Error('down'));
      now = 1_000;
      (() => breaker.acquire())();
      for (let turns = 0; turns < 100 && breaker.getStats().probesInFlight > 0; turns++) { gc(); await turn(); }
      if (breaker.getStats().probesInFlight > 0) throw new Error('the probe is still in flight');`,
      '--expose-gc',
    );
    assert.equal(status, 0, stderr);
  });
});

it('a permit works with using', () => {
  const breaker = new CircuitBreaker();
  {
    using permit = breaker.acquire();
    permit.succeed();
  }
  {
    using _ = breaker.acquire();
  }
  const { totalSuccesses, totalIgnored } = breaker.getStats();
  assert.deepEqual([totalSuccesses, totalIgnored], [1, 1]);
});
