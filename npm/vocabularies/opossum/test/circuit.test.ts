import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import process from 'node:process';
import { describe, it } from 'node:test';
import { CircuitBreaker } from '@fusewire/opossum';
import type { Options } from '@fusewire/opossum';
import { advance, sleep, useFakeTime } from './fake-time.ts';

useFakeTime();

type Kind = 'works' | 'fails';

function breakerWith(options: Options) {
  return new CircuitBreaker(
    async (kind: Kind, after = 0) => {
      if (after > 0) await sleep(after);
      if (kind === 'fails') throw new Error('failed');
      return kind;
    },
    options as Options<[kind: Kind, after?: number]>,
  );
}

async function fire(breaker: ReturnType<typeof breakerWith>, ...kinds: Kind[]): Promise<void> {
  for (const kind of kinds) await breaker.fire(kind).catch(() => undefined);
}

describe('the circuit of a CircuitBreaker', () => {
  it('opens above the threshold, and not at the threshold', async () => {
    const half = breakerWith({ errorThresholdPercentage: 50 });
    await fire(half, 'works', 'fails');
    assert.equal(half.closed, true);
    await fire(half, 'fails');
    assert.equal(half.opened, true);
    const third = breakerWith({ errorThresholdPercentage: (1 / 3) * 100 });
    await fire(third, 'works', 'works', 'fails');
    assert.equal(third.closed, true);
  });

  it('opens at the first failure by default, and never at 100', async () => {
    const breaker = breakerWith({});
    await fire(breaker, 'fails');
    assert.equal(breaker.opened, true);
    const never = breakerWith({ errorThresholdPercentage: 100 });
    await fire(never, 'fails', 'fails', 'fails');
    assert.equal(never.closed, true);
  });

  it('computes the percentage over all calls, including running ones', async () => {
    const breaker = breakerWith({});
    const calls = Promise.allSettled([1, 2, 3, 4, 5].map((after) => breaker.fire('fails', after)));
    await advance(2);
    assert.equal(breaker.closed, true);
    await advance(1);
    assert.equal(breaker.opened, true);
    await advance(2);
    await calls;
  });

  it('stays closed below the volume threshold', async () => {
    const breaker = breakerWith({ volumeThreshold: 4 });
    await fire(breaker, 'fails', 'fails', 'fails');
    assert.equal(breaker.closed, true);
    await fire(breaker, 'fails');
    assert.equal(breaker.opened, true);
  });

  it('ignores failures that have left the window', async () => {
    const breaker = breakerWith({ rollingCountTimeout: 100, rollingCountBuckets: 2, volumeThreshold: 2 });
    await fire(breaker, 'fails');
    await advance(100);
    await fire(breaker, 'fails');
    assert.equal(breaker.closed, true);
    await fire(breaker, 'fails');
    assert.equal(breaker.opened, true);
  });

  it('becomes half-open by a timer, admits one probe, and closes when the probe succeeds', async () => {
    const breaker = breakerWith({ resetTimeout: 30 });
    const halfOpen: number[] = [];
    breaker.on('halfOpen', (resetTimeout) => halfOpen.push(resetTimeout));
    await fire(breaker, 'fails');
    await advance(29);
    assert.deepEqual([breaker.opened, breaker.halfOpen, breaker.pendingClose], [true, false, false]);
    await advance(1);
    assert.deepEqual(halfOpen, [30]);
    assert.deepEqual([breaker.opened, breaker.halfOpen, breaker.pendingClose], [false, true, true]);
    const probe = breaker.fire('works', 5);
    assert.deepEqual([breaker.halfOpen, breaker.pendingClose], [true, false]);
    await assert.rejects(breaker.fire('works'), { code: 'EOPENBREAKER' });
    await advance(5);
    await probe;
    assert.equal(breaker.closed, true);
  });

  it('opens again for the whole `resetTimeout` when the probe fails', async () => {
    const breaker = breakerWith({ resetTimeout: 30, volumeThreshold: 100 });
    breaker.open();
    for (let round = 0; round < 3; round++) {
      await advance(30);
      assert.equal(breaker.pendingClose, true);
      await fire(breaker, 'fails');
      assert.equal(breaker.opened, true);
    }
  });

  it('closes when the probe fails with a filtered error', async () => {
    const breaker = breakerWith({ resetTimeout: 30, errorFilter: () => true });
    breaker.open();
    await advance(30);
    await fire(breaker, 'fails');
    assert.equal(breaker.closed, true);
  });

  it('opens and closes by hand, and emits each transition once', async () => {
    const breaker = breakerWith({ resetTimeout: 30 });
    const emitted: string[] = [];
    for (const event of ['open', 'halfOpen', 'close'] as const) breaker.on(event, () => emitted.push(event));
    breaker.close();
    breaker.open();
    breaker.open();
    assert.equal(breaker.opened, true);
    breaker.close();
    breaker.close();
    assert.equal(breaker.closed, true);
    breaker.open();
    await advance(30);
    breaker.open();
    assert.deepEqual([breaker.opened, breaker.pendingClose], [true, false]);
    await advance(30);
    breaker.close();
    assert.deepEqual(emitted, ['open', 'close', 'open', 'halfOpen', 'open', 'halfOpen', 'close']);
    await advance(100);
    assert.equal(breaker.closed, true);
  });

  it('opens and closes on behalf of a listener', async () => {
    const breaker = breakerWith({ resetTimeout: 30 });
    const emitted: string[] = [];
    for (const event of ['open', 'halfOpen', 'close'] as const) breaker.on(event, () => emitted.push(event));
    breaker.once('open', () => breaker.close());
    await fire(breaker, 'fails');
    assert.deepEqual([emitted, breaker.closed], [['open', 'close'], true]);
    breaker.once('halfOpen', () => breaker.open());
    breaker.open();
    await advance(30);
    assert.deepEqual([emitted.slice(2), breaker.opened], [['open', 'halfOpen', 'open'], true]);
    await advance(30);
    assert.equal(breaker.halfOpen, true);
  });

  it('does not open during the warm-up', async () => {
    const breaker = breakerWith({ allowWarmUp: true, rollingCountTimeout: 50 });
    assert.equal(breaker.warmUp, true);
    await fire(breaker, 'fails', 'fails');
    assert.equal(breaker.closed, true);
    await advance(50);
    assert.equal(breaker.warmUp, false);
    await fire(breaker, 'fails');
    assert.equal(breaker.opened, true);
  });

  it('restores the state of another breaker', async () => {
    const before = breakerWith({ name: 'stock', resetTimeout: 50 });
    await fire(before, 'works', 'fails', 'fails');
    const { state, status } = JSON.parse(JSON.stringify(before)) as ReturnType<typeof before.toJSON>;
    assert.deepEqual(state, {
      name: 'stock',
      enabled: true,
      closed: false,
      open: true,
      halfOpen: false,
      warmUp: false,
      shutdown: false,
      lastTimerAt: 0,
    });
    await advance(20);
    const after = breakerWith({ resetTimeout: 50, state, status: CircuitBreaker.newStatus({ stats: status }) });
    assert.deepEqual([after.name, after.opened, after.stats], ['stock', true, before.stats]);
    await advance(29);
    assert.equal(after.opened, true);
    await advance(1);
    assert.equal(after.pendingClose, true);
    await advance(50);
    const later = breakerWith({ resetTimeout: 50, state });
    assert.equal(later.pendingClose, true);
    await fire(later, 'fails');
    assert.equal(later.opened, true);
  });

  it('restores every state', () => {
    const seen = ({ closed, opened, halfOpen, enabled, warmUp, isShutdown }: ReturnType<typeof breakerWith>) =>
      Object.entries({ closed, opened, halfOpen, enabled, warmUp, isShutdown })
        .filter(([, is]) => is)
        .map(([name]) => name);
    const states: [Options['state'], string[]][] = [
      [{}, ['closed', 'enabled']],
      [{ closed: true, open: true }, ['closed', 'enabled']],
      [{ closed: false }, ['opened', 'enabled']],
      [{ open: true, closed: false }, ['opened', 'enabled']],
      [{ halfOpen: true, closed: false }, ['halfOpen', 'enabled']],
      [{ enabled: false }, ['closed']],
      [{ warmUp: true }, ['closed', 'enabled', 'warmUp']],
      [{ shutdown: true }, ['isShutdown']],
    ];
    for (const [state, expected] of states) assert.deepEqual(seen(breakerWith({ state })), expected);
  });

  it('counts failures on top of the option `status`', async () => {
    const status = CircuitBreaker.newStatus({ stats: { fires: 20, failures: 10 } });
    const breaker = breakerWith({ volumeThreshold: 20, status });
    assert.equal(breaker.status, status);
    await fire(breaker, 'fails');
    assert.equal(breaker.opened, true);
  });

  it('changes nothing after shutdown()', () => {
    const breaker = breakerWith({});
    breaker.open();
    breaker.shutdown();
    breaker.open();
    breaker.close();
    breaker.enable();
    assert.deepEqual([breaker.opened, breaker.closed, breaker.enabled], [false, false, false]);
  });

  it('does not keep the process alive', () => {
    const program = `
    const CircuitBreaker = require(${JSON.stringify(createRequire(import.meta.url).resolve('@fusewire/opossum'))});
    const options = { resetTimeout: 1e6, rollingCountTimeout: 1e6, cacheTTL: 1e6 };
    const open = new CircuitBreaker(async () => 1, { ...options, allowWarmUp: true, cache: true, coalesce: true });
    open.healthCheck(async () => {}, 1e6);
    open.status.on('snapshot', () => {});
    open.fire().then(() => open.open());
    new CircuitBreaker(async () => 1, { state: { closed: false }, ...options });
    new CircuitBreaker(() => new Promise(() => {}), { state: { halfOpen: true }, timeout: false, ...options }).fire();
    process.on('exit', () => console.log('over'));
  `;
    assert.equal(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 60_000 }).trim(), 'over');
  });
});
