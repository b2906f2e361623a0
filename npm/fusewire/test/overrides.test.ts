import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CircuitOpenError } from 'fusewire';
import type { StateChangeEvent } from 'fusewire';
import { onEachBackend, open, quickBreaker, record, rejection } from './support.ts';

const down = () => Promise.reject(new Error('down'));

onEachBackend('an override', (backend) => {
  it('forces the circuit open until every holder has released it', async () => {
    const { breaker, clock } = quickBreaker(backend);
    const seen = record(breaker, 'stateChange', 'open', 'close');
    const first = breaker.forceOpen();
    const second = breaker.forceOpen();
    assert.equal(breaker.override, 'FORCED_OPEN');
    assert.equal(breaker.state, 'OPEN');
    clock.advance(1_000_000);
    const error = await rejection(breaker.execute(() => assert.fail('must not run')));
    assert.ok(error instanceof CircuitOpenError);
    assert.equal(error.reason, 'forced-open');
    assert.equal(error.retryAfter, null);
    assert.equal(error.nextAttempt, null);
    const { retryAfter, nextAttemptTime } = breaker.getStats();
    assert.deepEqual({ retryAfter, nextAttemptTime }, { retryAfter: null, nextAttemptTime: null });
    first();
    first();
    assert.equal(breaker.state, 'OPEN');
    second();
    assert.equal(breaker.state, 'CLOSED');
    assert.equal(breaker.override, 'NONE');
    assert.equal(await breaker.execute(() => 1), 1);
    assert.deepEqual(seen, ['stateChange', 'open', 'stateChange', 'close']);
  });

  it('is not released by a release function from before a reset', () => {
    const { breaker } = quickBreaker(backend);
    const stale = breaker.forceOpen();
    breaker.reset();
    assert.equal(breaker.state, 'CLOSED');
    const held = breaker.forceOpen();
    stale();
    assert.equal(breaker.state, 'OPEN');
    held();
    assert.equal(breaker.state, 'CLOSED');
    const staleClosed = breaker.forceClosed();
    const shadow = breaker.shadow();
    staleClosed();
    assert.equal(breaker.override, 'SHADOW');
    shadow();
    assert.equal(breaker.override, 'NONE');
  });

  it('is not released by a release function from before releaseOverride()', () => {
    const { breaker } = quickBreaker(backend);
    const releases = [breaker.forceOpen(), breaker.forceOpen()];
    breaker.releaseOverride();
    breaker.forceOpen();
    for (const release of releases) release();
    assert.equal(breaker.override, 'FORCED_OPEN');
  });

  it('forces the circuit closed', async () => {
    const { breaker } = quickBreaker(backend);
    const release = breaker.forceClosed();
    for (let call = 0; call < 5; call++) await rejection(breaker.execute(down));
    assert.equal(breaker.state, 'CLOSED');
    assert.equal(breaker.getStats().totalFailures, 5);
    release();
    assert.equal(breaker.override, 'NONE');
    await open(breaker);
    breaker.forceClosed();
    assert.equal(breaker.state, 'CLOSED');
    assert.equal(await breaker.execute(() => 1), 1);
    breaker.releaseOverride();
    assert.equal(breaker.override, 'NONE');
    assert.equal(breaker.state, 'OPEN');
  });

  it('reports in shadow mode what would have happened', async () => {
    const { breaker, clock } = quickBreaker(backend);
    const events: StateChangeEvent[] = [];
    breaker.on('stateChange', (event) => events.push(event));
    const seen = record(breaker, 'open', 'halfOpen', 'close', 'reject');
    const release = breaker.shadow();
    await rejection(breaker.execute(down));
    await rejection(breaker.execute(down));
    assert.equal(breaker.state, 'CLOSED');
    assert.equal(breaker.getStats().underlyingState, 'OPEN');
    assert.equal(await breaker.execute(() => 1), 1);
    assert.equal(breaker.getStats().shadowRejected, 1);
    assert.equal(breaker.getStats().totalRejected, 0);
    clock.advance(1_000);
    assert.equal(breaker.state, 'CLOSED');
    assert.deepEqual(
      events.map(({ from, to, shadow, reason }) => [from, to, shadow, reason]),
      [
        ['CLOSED', 'OPEN', true, 'failure-threshold'],
        ['OPEN', 'HALF_OPEN', true, 'open-time-elapsed'],
      ],
    );
    assert.deepEqual(seen, []);
    release();
    assert.equal(breaker.override, 'NONE');
    assert.equal(breaker.state, 'HALF_OPEN');
    assert.deepEqual(seen, ['halfOpen']);
  });

  it('is not released by the release function of an override that it replaced', () => {
    const { breaker } = quickBreaker(backend);
    const first = breaker.forceOpen();
    const shadow = breaker.shadow();
    breaker.forceOpen();
    first();
    shadow();
    assert.equal(breaker.override, 'FORCED_OPEN');
  });

  it('ends with reset(), which emits its events', async () => {
    const { breaker } = quickBreaker(backend);
    await open(breaker);
    const seen = record(breaker, 'reset', 'close', 'stateChange');
    breaker.reset();
    assert.equal(breaker.state, 'CLOSED');
    assert.equal(breaker.explain().reason, 'reset');
    assert.equal(breaker.getStats().failureCount, 0);
    assert.equal(breaker.getStats().totalFailures, 2);
    assert.deepEqual(seen, ['stateChange', 'close', 'reset']);
    breaker.reset();
    assert.deepEqual(seen, ['stateChange', 'close', 'reset', 'reset']);
  });
});
