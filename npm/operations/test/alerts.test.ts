import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import { failureRate, opened, responseTime, slowCalls, stateChanges } from '@fusewire/operations/alerts';
import { fail, recover, setup, succeed, take } from './alerts-kit.ts';

describe('the rules', () => {
  it('opened fires as soon as a circuit opens, and resolves when it closes', async () => {
    const { clock, registry, watcher, received, log } = setup({ rules: [opened()] });
    const mpesa = registry.create('mpesa');
    await fail(mpesa, 3, new Error('connect ECONNREFUSED'));
    await clock.advanceAsync(1_000);
    assert.deepEqual(log(), ['firing mpesa']);
    const [notification] = received;
    assert.equal(notification?.severity, 'critical');
    assert.match(
      notification?.summary ?? '',
      /^mpesa opened \(consecutive-failures: 3, threshold 3\); last error: .*ECONNREFUSED/,
    );
    assert.equal(notification?.key, 'test/opened/default/mpesa');
    await clock.advanceAsync(29_000);
    assert.deepEqual(log(), ['firing mpesa']);
    await recover(mpesa, clock);
    assert.deepEqual(log(), ['firing mpesa', 'resolved mpesa']);
    assert.deepEqual(watcher.active(), []);
    const [alert] = watcher.history();
    assert.equal(alert?.resolution, 'recovered');
    assert.equal(alert?.state, 'resolved');
  });

  it('opened fires for an opening that ends before the next evaluation', async () => {
    const { clock, registry, log } = setup({ rules: [opened()] });
    const mpesa = registry.create('mpesa');
    await clock.advanceAsync(1_000);
    await fail(mpesa, 3);
    mpesa.reset();
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing mpesa']);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing mpesa', 'resolved mpesa']);
  });

  it('opened names an operator who holds the circuit, and ignores him if asked to', async () => {
    for (const forced of [true, false]) {
      const { clock, registry, received } = setup({ rules: [opened({ forced })] });
      registry.create('mpesa').forceOpen();
      await clock.advanceAsync(10_000);
      assert.deepEqual(
        received.map(({ summary }) => summary),
        forced ? ['mpesa is held open by an operator'] : [],
      );
    }
  });

  it('opened ignores openings in shadow mode', async () => {
    const { clock, registry, log } = setup({ rules: [opened()] });
    const mpesa = registry.create('mpesa');
    mpesa.shadow();
    await fail(mpesa, 5);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), []);
  });

  it('failureRate fires above 10 % within 5 minutes, and not at 10 %', async () => {
    const { clock, registry, received, log } = setup({ rules: [failureRate()] }, { defaults: NEVER_OPENS });
    const mpesa = registry.create('mpesa');
    await clock.advanceAsync(1_000);
    await succeed(mpesa, 18);
    await fail(mpesa, 2);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), []);
    await fail(mpesa, 1);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing mpesa']);
    assert.match(received[0]?.summary ?? '', /^14\.3 % of the calls of mpesa failed within 5 min: 3 of 21, over 10 %$/);
    await clock.advanceAsync(300_000);
    assert.deepEqual(log(), ['firing mpesa', 'resolved mpesa']);
  });

  it('failureRate waits for its minimum of calls', async () => {
    const { clock, registry, log } = setup({ rules: [failureRate()] }, { defaults: NEVER_OPENS });
    const mpesa = registry.create('mpesa');
    await clock.advanceAsync(1_000);
    await fail(mpesa, 9);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), []);
    await fail(mpesa, 1);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing mpesa']);
  });

  it('failureRate ignores calls from before the breaker was watched', async () => {
    const { clock, registry, watcher, log } = setup({ rules: [failureRate()] });
    const old = new CircuitBreaker({ name: 'old', clock, ...NEVER_OPENS });
    await fail(old, 100);
    watcher.watch(old);
    await clock.advanceAsync(10_000);
    await succeed(old, 20);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), []);
    assert.equal(registry.size, 0);
  });

  it('responseTime fires above an average of 5 s within 5 minutes', async () => {
    const { clock, registry, received, log } = setup({ rules: [responseTime({ minimumCalls: 2 })] });
    const slow = registry.create('slow');
    await take(slow, clock, 4_000);
    await take(slow, clock, 6_000);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), []);
    await take(slow, clock, 8_000);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing slow']);
    assert.equal(received[0]?.summary, 'Calls of slow took 6 s on average within 5 min, over 5 s');
  });

  it('stateChanges fires above 5 changes within an hour', async () => {
    const { clock, registry, log } = setup({ rules: [stateChanges()] });
    const flapping = registry.create('flapping');
    await clock.advanceAsync(1_000);
    for (let cycle = 0; cycle < 2; cycle++) {
      await fail(flapping, 3);
      await recover(flapping, clock);
    }
    assert.equal(flapping.getStats().stateChanges, 6);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing flapping']);
    await clock.advanceAsync(3_720_000);
    assert.deepEqual(log(), ['firing flapping', 'resolved flapping']);
  });

  it('slowCalls fires for one call above 1 s, and resolves a minute later', async () => {
    const { clock, registry, received, log } = setup({ rules: [slowCalls()] });
    const slow = registry.create('slow');
    await take(slow, clock, 1_000);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), []);
    await take(slow, clock, 1_500);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing slow']);
    assert.equal(received[0]?.summary, '1 call of slow took longer than 1 s within 1 min; the last one 1.5 s');
    await clock.advanceAsync(70_000);
    assert.deepEqual(log(), ['firing slow', 'resolved slow']);
  });

  it('a rule of the program decides with a function, for the breakers that it names', async () => {
    const { clock, registry, received } = setup({
      rules: [
        {
          name: 'backlog',
          severity: 'error',
          breakers: ['pay*'],
          when: ({ stats }) => stats.inFlight > 1 && { summary: `${stats.inFlight} calls`, observed: stats.inFlight },
        },
      ],
    });
    for (const name of ['payments', 'search']) {
      const breaker = registry.create(name);
      for (let call = 0; call < 3; call++) void breaker.execute(() => new Promise(() => undefined));
    }
    await clock.advanceAsync(1_000);
    assert.deepEqual(
      received.map(({ firing }) => firing.map(({ breaker, summary, observed }) => [breaker, summary, observed])),
      [[['payments', '3 calls', 3]]],
    );
  });
});

describe('a summary', () => {
  it('is never empty, is one line, and has no secrets', async () => {
    const secret = 'Bearer abcdefghijklmnopqrstuvwxyz0123456789';
    for (const [summary, expected] of [
      ['', /^any: a$/],
      [' \n', /^any: a$/],
      [undefined, /^any: a$/],
      [`a\r\nb ${secret}`, /^a b (?!.*abcdefghij)/],
    ] as const) {
      const { clock, registry, received } = setup({ rules: [{ name: 'any', when: () => ({ summary }) }] });
      registry.create('a');
      await clock.advanceAsync(0);
      assert.match(received[0]?.summary ?? '', expected);
    }
  });
});

const NEVER_OPENS = { consecutiveFailureThreshold: 1_000_000 };
