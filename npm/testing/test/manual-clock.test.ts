import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import { fail, manualClock, scripted, succeed } from '@fusewire/testing';

test('an open circuit comes back when the clock is told to move', async () => {
  const clock = manualClock();
  const breaker = new CircuitBreaker({ clock, failureThreshold: 1, successThreshold: 1, resetTimeout: 5_000 });
  const dependency = scripted([fail(), succeed('back')]);
  await assert.rejects(breaker.execute(dependency));
  clock.advance(4_999);
  assert.equal(breaker.state, 'OPEN');
  clock.advance(1);
  assert.equal(await breaker.execute(dependency), 'back');
  assert.equal(breaker.state, 'CLOSED');
});

test('it starts where it is told to, and tells what it shows', () => {
  const clock = manualClock(100);
  assert.equal(clock.advance(0.5), 100.5);
  assert.equal(clock.now, 100.5);
  assert.equal(clock(), 100.5);
});

test('what is no time is refused', () => {
  const clock = manualClock();
  for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as never]) {
    assert.throws(() => clock.advance(bad), { name: 'RangeError', message: /advance takes a finite number .* got/ });
  }
  assert.throws(() => manualClock(Number.NaN), /start must be a finite number of milliseconds, got NaN/);
});
