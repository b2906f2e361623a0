import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import { fail, manualClock, scripted, succeed } from '@fusewire/testing';

test('manualClock() moves the open time of a breaker', async () => {
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

test('manualClock() starts at the given time, and returns the current one', () => {
  const clock = manualClock(100);
  assert.equal(clock.advance(0.5), 100.5);
  assert.equal(clock.now, 100.5);
  assert.equal(clock(), 100.5);
});

test('manualClock() rejects invalid times', () => {
  const clock = manualClock();
  for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as never]) {
    assert.throws(() => clock.advance(bad), { name: 'RangeError', message: /advance takes a finite number .* got/ });
  }
  assert.throws(() => manualClock('s3cr3t' as never), /of milliseconds, got a value of type string$/);
  assert.throws(() => manualClock().advance('s3cr3t' as never), /from 0, got a value of type string$/);
  assert.throws(() => manualClock(Number.NaN), /start must be a finite number of milliseconds, got NaN/);
});
