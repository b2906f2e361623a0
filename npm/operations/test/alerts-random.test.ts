import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { AlertNotification, AlertsOptions } from '@fusewire/operations/alerts';
import { brokenSetup } from './alerts-kit.ts';

/** Returns random whole numbers below a limit, the same at each run. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => (state = (state * 16_807) % 2_147_483_647) % limit;
}

/** Checks that what the notifications of one program say fits together. */
function check(received: readonly AlertNotification[], program: string): void {
  /** Breakers that fire, as a reader of the notifications knows it, by group. */
  const known = new Map<string, Set<string>>();
  for (const { key, status, firing, resolved } of received) {
    const before = known.get(key) ?? new Set();
    const now = new Set(firing.map(({ breaker }) => breaker));
    for (const { breaker } of resolved) {
      assert.ok(before.has(breaker), `${program}: ${breaker} resolves, and was not announced`);
      assert.ok(!now.has(breaker), `${program}: ${breaker} fires and is resolved`);
      before.delete(breaker);
    }
    for (const breaker of before) assert.ok(now.has(breaker), `${program}: ${breaker} is missing`);
    assert.equal(status, now.size > 0 ? 'firing' : 'resolved', program);
    assert.ok(resolved.length > 0 || now.size > before.size, `${program}: nothing is new`);
    known.set(key, now);
  }
  for (const [key, now] of known) assert.equal(now.size, 0, `${program}: ${key} is not resolved at the end`);
}

it('notifications of random programs announce each alert once, and each end of one', async () => {
  let count = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const random = randomNumbers(seed);
    const by: NonNullable<AlertsOptions['group']>['by'] = [['rule'], ['rule', 'breaker']][random(2)] as never;
    const wait = [0, 5_000, 30_000][random(3)] as number;
    const rule = { for: [0, 20_000][random(2)] as number, coolDown: [0, 60_000][random(2)] as number };
    const { clock, registry, watcher, broken, received } = brokenSetup(rule, { group: { by, wait } });
    for (let step = 0; step < 40; step++) {
      const name = ['a', 'b', 'c'][random(3)] as string;
      const action = random(10);
      if (action < 4) broken.add(name);
      else if (action < 8) broken.delete(name);
      else if (action === 8) watcher.silence({ breaker: name, by: 'ada', why: 'test', for: 1 + random(40_000) });
      else if (registry.delete(name)) registry.create(name);
      await clock.advanceAsync(random(15_000));
    }
    broken.clear();
    await clock.advanceAsync(60_000);
    check(received, `seed ${seed}`);
    assert.deepEqual(watcher.active(), []);
    count += received.length;
    await watcher.close();
  }
  assert.ok(count > 400, `${count} notifications`);
});
