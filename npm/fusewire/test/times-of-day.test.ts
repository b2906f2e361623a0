/** Times of day that a breaker returns: one instant has one time, however often and whenever it is read. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CircuitOpenError } from 'fusewire';
import type { CircuitBreaker } from 'fusewire';
import { onEachBackend, open, quickBreaker, rejection } from './support.ts';

/** Names and times of one opening, as read at the present. */
async function timesOf(breaker: CircuitBreaker): Promise<Record<string, number | undefined>> {
  const { nextAttemptTime, lastFailureTime, lastSuccessTime } = breaker.getStats();
  const error = await rejection(breaker.execute(() => 'passed'));
  assert.ok(error instanceof CircuitOpenError);
  const times = {
    nextAttemptTime,
    nextAttempt: error.nextAttempt,
    lastFailureTime,
    lastSuccessTime,
    at: breaker.explain().at,
  };
  return Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time?.getTime()]));
}

onEachBackend('times of day', (backend) => {
  /** Time of day at the reading 0 of the clock. It has a fraction, as `Date.now` has none. */
  const MIDNIGHT = 1_700_000_000_000.4;

  it('stay the same from one reading to the next, though the clocks tick in fractions', async (test) => {
    const { breaker, clock } = quickBreaker(backend, { resetTimeout: 60_000 });
    let clockSet = 0;
    test.mock.method(Date, 'now', () => Math.floor(MIDNIGHT + clock.now + clockSet));
    clock.now = 1_000.3;
    await breaker.execute(() => 'passed');
    clock.advance(0.2507);
    await open(breaker);
    const first = await timesOf(breaker);
    const seen = new Map(Object.keys(first).map((name) => [name, new Set<number | undefined>()]));
    for (let reading = 0; reading < 300; reading++) {
      for (const [name, time] of Object.entries(await timesOf(breaker))) seen.get(name)?.add(time);
      clock.advance(101.7137);
    }
    assert.deepEqual(Object.fromEntries([...seen].map(([name, times]) => [name, times.size])), {
      nextAttemptTime: 1,
      nextAttempt: 1,
      lastFailureTime: 1,
      lastSuccessTime: 1,
      at: 1,
    });
    assert.equal(first['nextAttempt'], first['nextAttemptTime']);
    assert.ok((first['nextAttemptTime'] as number) - (first['at'] as number) - 60_000 <= 1);

    // The wall clock is set back by an hour: the times follow it.
    clockSet = -3_600_000;
    const later = await timesOf(breaker);
    for (const [name, time] of Object.entries(later))
      assert.ok(Math.abs((first[name] as number) - 3_600_000 - (time as number)) <= 1);
  });

  it('are later for a later opening', async (test) => {
    const { breaker, clock } = quickBreaker(backend);
    test.mock.method(Date, 'now', () => Math.floor(MIDNIGHT + clock.now));
    await open(breaker);
    const first = await timesOf(breaker);
    clock.advance(1_000);
    await rejection(breaker.execute(() => Promise.reject(new Error('still down'))));
    const second = await timesOf(breaker);
    assert.equal((second['nextAttempt'] as number) - (first['nextAttempt'] as number), 1_000);
  });
});
