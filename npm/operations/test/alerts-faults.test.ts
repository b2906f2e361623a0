import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakerRegistry } from 'fusewire';
import type { BreakerStats } from 'fusewire';
import { opened } from '@fusewire/operations/alerts';
import type { NewEvent } from '@fusewire/operations/events';
import type { AlertRule } from '@fusewire/operations/alerts';
import { brokenSetup, fail, open, recover, setup, SILENT } from './alerts-kit.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('the event log', () => {
  it('records what happened to alerts, and who did what and why', async () => {
    const recorded: NewEvent[] = [];
    const down = {
      name: 'down',
      deliver() {
        throw Object.assign(new Error('gone'), { status: 410 });
      },
    };
    const log = { record: (event: NewEvent) => void recorded.push(event) };
    const { clock, broken, watcher } = brokenSetup({ severity: 'error' }, { log, notifiers: [down] });
    broken.add('a');
    await clock.advanceAsync(10_000);
    watcher.acknowledge(watcher.active()[0]?.id ?? '', 'ada', 'looking');
    watcher.silence({ by: 'bob', why: 'deployment', for: 60_000 });
    broken.clear();
    await clock.advanceAsync(10_000);
    const shown = recorded.map(({ severity, breaker, actor, reason, summary }) =>
      [severity ?? 'info', breaker ?? '-', actor ?? '-', reason, summary].join('|'),
    );
    assert.deepEqual(shown, [
      'error|a|-|broken|broken: a',
      'error|-|-|failed|The notifier down did not get a notification (failed): broken: a',
      'info|a|ada|looking|ada acknowledged: broken: a',
      'info|-|bob|deployment|bob silenced alerts until 2026-12-01T10:01:10.000Z',
      'error|-|-|failed|The notifier down did not get a notification (failed): ada works on it: looking. broken: a',
      'info|a|-|recovered|Resolved: broken: a',
      'error|-|-|failed|The notifier down did not get a notification (failed): broken: a',
    ]);
    assert.ok(recorded.every(({ kind, time }) => kind === 'alert' && time !== undefined));
  });

  it('that throws affects nothing else', async () => {
    const log = {
      record() {
        throw new Error('disk full');
      },
    };
    const { clock, broken, log: lines, watcher } = brokenSetup({}, { log, logger: SILENT });
    broken.add('a');
    await clock.advanceAsync(10_000);
    assert.deepEqual(lines(), ['firing a']);
    assert.ok(watcher.getStats().faults > 0);
  });
});

describe('faults', () => {
  it('of a rule leave its alerts as they are, and do not affect other rules', async () => {
    let fails = false;
    const bad: AlertRule = {
      name: 'bad',
      when: () => {
        if (fails) throw new Error('rule failed');
        return true;
      },
    };
    const faults: string[] = [];
    const { clock, registry, watcher, log } = setup({ rules: [bad, opened()], logger: SILENT });
    watcher.on('fault', ({ message }) => faults.push(message));
    const a = registry.create('a');
    await clock.advanceAsync(1_000);
    fails = true;
    await fail(a, 3);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing a', 'firing a']);
    assert.equal(watcher.active().length, 2);
    assert.ok(faults.includes('the rule bad failed'));
    fails = false;
    await recover(a, clock);
    await clock.advanceAsync(10_000);
    assert.deepEqual(
      watcher.active().map(({ rule }) => rule),
      ['bad'],
    );
  });

  it('of a rule that returns a promise are reported, also if the promise rejects', async () => {
    const rule = { name: 'async', when: () => Promise.reject(new Error('late')) } as never;
    const { clock, registry, watcher } = setup({ rules: [rule], logger: SILENT });
    registry.create('a');
    await clock.advanceAsync(10_000);
    assert.deepEqual(watcher.active(), []);
    assert.ok(watcher.getStats().faults > 0);
  });

  it('of listeners are reported, and do not affect other listeners', async () => {
    const logged: string[] = [];
    const logger = { ...SILENT, error: (message: string) => void logged.push(message) };
    const { clock, broken, watcher } = brokenSetup({}, { logger });
    watcher.on('firing', () => {
      throw new Error('Bearer abcdefghijklmnopqrstuvwxyz0123456789');
    });
    watcher.on('firing', () => Promise.reject(new Error('late')));
    watcher.on('fault', () => {
      throw new Error('again');
    });
    let count = 0;
    const remove = watcher.on('firing', () => count++);
    broken.add('a');
    await clock.advanceAsync(10_000);
    remove();
    broken.add('b');
    await clock.advanceAsync(10_000);
    assert.equal(count, 1);
    assert.equal(logged.filter((message) => message.includes("a listener of 'firing' failed")).length, 1);
    assert.ok(!logged.join().includes('abcdefghijklmnop'));
    assert.throws(() => watcher.on('open' as never, () => undefined), TypeError);
  });

  it('of the clock and of the time of day do not end the evaluations', async () => {
    let fails = false;
    const { clock, registry, watcher } = setup({ rules: [opened()] });
    const failing = () => {
      if (fails) throw new Error('no time');
      return clock();
    };
    const other = setup({
      rules: [opened()],
      clock: Object.assign(failing, { setTimer: clock.setTimer }),
      timeOfDay: failing,
    });
    other.watcher.watch(registry);
    fails = true;
    await open(registry.create('a'), clock);
    assert.deepEqual(other.log(), ['firing a']);
    assert.equal(watcher.active().length, 1);
  });
});

describe('rules and breakers', () => {
  it('of a rule that was removed resolve, and a rule that was added is evaluated', async () => {
    const { clock, registry, watcher, received } = setup({ rules: [] });
    registry.create('a');
    const remove = watcher.addRule({ name: 'always', when: () => true });
    await clock.advanceAsync(10_000);
    remove();
    remove();
    await clock.advanceAsync(1_000);
    assert.deepEqual(
      received.map(({ status, resolved }) => [status, resolved[0]?.resolution]),
      [
        ['firing', undefined],
        ['resolved', 'rule-removed'],
      ],
    );
    watcher.addRule({ name: 'always', when: () => true });
    assert.throws(() => watcher.addRule({ name: 'always', when: () => true }), /a rule always already/);
  });

  it('can be changed from within a rule and a listener', async () => {
    const { clock, registry, watcher } = setup({ rules: [] });
    for (const name of ['a', 'b', 'c']) registry.create(name);
    const remove = watcher.addRule({
      name: 'once',
      when: () => {
        remove();
        registry.delete('b');
        return true;
      },
    });
    watcher.on('firing', () => void watcher.close());
    await clock.advanceAsync(10_000);
    assert.deepEqual(watcher.active(), []);
  });

  it('are not watched twice, and not after close', async () => {
    const { registry, watcher } = setup();
    assert.throws(() => watcher.watch(registry), /watched already/);
    for (const target of [{}, null, 'registry', []]) assert.throws(() => watcher.watch(target as never), TypeError);
    await watcher.close();
    assert.throws(() => watcher.watch(new BreakerRegistry()), /closed/);
  });

  it('keep no listener and no timer after close', async () => {
    const { clock, registry, watcher, broken } = brokenSetup({ slowerThan: 5 });
    broken.add('a');
    await clock.advanceAsync(10_000);
    await watcher.close();
    await clock.advanceAsync(1_000);
    assert.equal(clock.timers, 0);
    const before = watcher.getStats().evaluations;
    registry.create('d');
    await fail(registry.create('e'), 3);
    await clock.advanceAsync(HOUR);
    assert.equal(watcher.getStats().evaluations, before);
    assert.equal(clock.timers, 0);
    assert.equal(watcher.active().length, 1, 'what fires is still there to read');
  });

  it('are read once in an evaluation, whatever the number of rules', async () => {
    const rules = Array.from({ length: 5 }, (_, number) => ({
      name: `rule ${number}`,
      when: ({ stats }: { stats: BreakerStats }) => stats.totalFailures < 0,
    }));
    const { clock, registry } = setup({ rules });
    const a = registry.create('a');
    let reads = 0;
    const { getStats } = a;
    a.getStats = () => {
      reads++;
      return getStats.call(a);
    };
    await clock.advanceAsync(1_000);
    reads = 0;
    await clock.advanceAsync(10_000);
    assert.equal(reads, 1);
  });

  it('are evaluated on demand where there are no timers', async () => {
    const { clock, registry, watcher, log } = setup({ rules: [opened()], interval: false });
    await fail(registry.create('a'), 3);
    assert.equal(clock.timers, 0);
    watcher.evaluate();
    await watcher.settled();
    assert.deepEqual(log(), ['firing a']);
  });
});
