import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakerRegistry, CircuitBreaker, OptionsError } from 'fusewire';
import type { BreakerStats } from 'fusewire';
import { opened } from '@fusewire/operations/alerts';
import { manualClock } from '@fusewire/testing';
import type { NewEvent } from '@fusewire/operations/events';
import type { AlertRule, AlertsOptions } from '@fusewire/operations/alerts';
import { fail, open, recover, setup, START } from './alerts-kit.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Returns a rule that holds while `broken` has the name of the breaker. */
function brokenRule(broken: ReadonlySet<string>, options: Partial<AlertRule> = {}): AlertRule {
  return { name: 'broken', when: ({ breaker }) => broken.has(breaker), ...options };
}

/** Returns alerts with that rule, and breakers named a, b and c. */
function brokenSetup(rule: Partial<AlertRule> = {}, options: AlertsOptions = {}) {
  const broken = new Set<string>();
  const all = setup({ rules: [brokenRule(broken, rule)], ...options });
  for (const name of ['a', 'b', 'c']) all.registry.create(name);
  return { ...all, broken };
}

describe('an alert', () => {
  it('is pending for the duration of its rule, and fires only if the condition holds throughout', async () => {
    const { clock, watcher, broken, log } = brokenSetup({ for: MINUTE });
    broken.add('a');
    await clock.advanceAsync(50_000);
    assert.deepEqual(
      watcher.active().map(({ state, firedAt }) => [state, firedAt]),
      [['pending', null]],
    );
    broken.delete('a');
    await clock.advanceAsync(10_000);
    assert.deepEqual(watcher.active(), []);
    broken.add('a');
    await clock.advanceAsync(60_000);
    assert.deepEqual(log(), []);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing a']);
    assert.equal(watcher.history().length, 0);
  });

  it('is not announced again within its cool-down, and then if it still fires', async () => {
    const { clock, broken, log, watcher } = brokenSetup({ coolDown: 5 * MINUTE });
    broken.add('a');
    await clock.advanceAsync(10_000);
    broken.delete('a');
    await clock.advanceAsync(10_000);
    broken.add('a');
    await clock.advanceAsync(4 * MINUTE);
    assert.deepEqual(log(), ['firing a', 'resolved a']);
    assert.equal(watcher.active().length, 1);
    await clock.advanceAsync(MINUTE);
    assert.deepEqual(log(), ['firing a', 'resolved a', 'firing a']);
  });

  it('has an id of its own for each occurrence, and one key', async () => {
    const { clock, broken, watcher } = brokenSetup({ coolDown: 0 });
    for (let occurrence = 0; occurrence < 2; occurrence++) {
      broken.add('a');
      await clock.advanceAsync(10_000);
      broken.delete('a');
      await clock.advanceAsync(10_000);
    }
    const [second, first] = watcher.history();
    assert.equal(first?.key, second?.key);
    assert.notEqual(first?.id, second?.id);
    assert.ok((first as { startedAt: Date }).startedAt < (second as { startedAt: Date }).startedAt);
    assert.equal(watcher.history({ limit: 1 }).length, 1);
  });

  it('resolves when its breaker is evicted, deleted or disposed of', async () => {
    for (const end of ['max', 'deleted', 'disposed']) {
      const { clock, registry, received } = setup({ rules: [opened()] }, { max: 1 });
      await open(registry.for('a'), clock);
      if (end === 'max') registry.for('b');
      if (end === 'deleted') registry.delete('a');
      if (end === 'disposed') registry.for('a').dispose();
      await clock.advanceAsync(1_000);
      assert.deepEqual(
        received.map(({ status, resolved }) => [status, resolved[0]?.resolution]),
        [
          ['firing', undefined],
          ['resolved', 'breaker-gone'],
        ],
        end,
      );
    }
  });

  it('keeps its cool-down when its breaker is evicted and created again', async () => {
    const { clock, registry, watcher, log } = setup({ rules: [opened()] });
    await open(registry.for('a'), clock);
    registry.delete('a');
    await clock.advanceAsync(1_000);
    await fail(registry.for('a'), 3);
    await clock.advanceAsync(MINUTE);
    assert.deepEqual(log(), ['firing a', 'resolved a']);
    assert.equal(watcher.active().length, 1);
    await clock.advanceAsync(4 * MINUTE);
    assert.deepEqual(log(), ['firing a', 'resolved a', 'firing a']);
  });

  it('goes on when its breaker is evicted, and created again, and fails before the next evaluation', async () => {
    const { clock, registry, log } = setup({ rules: [opened()] });
    await open(registry.for('a'), clock);
    registry.delete('a');
    await fail(registry.for('a'), 3);
    await clock.advanceAsync(MINUTE);
    assert.deepEqual(log(), ['firing a']);
  });

  it('is of its own for each of two registries that have a breaker of one name', async () => {
    const { clock, registry, watcher, received } = setup({ rules: [opened()] });
    const other = new BreakerRegistry({ defaults: { clock, consecutiveFailureThreshold: 3 } });
    watcher.watch(other);
    await open(registry.create('mpesa'), clock);
    await open(other.create('mpesa'), clock);
    assert.deepEqual(
      received.map(({ firing }) => firing.map(({ key }) => key)),
      [['test/opened/default/mpesa'], ['test/opened/default-2/mpesa']],
    );
  });

  it('of a single breaker resolves when the breaker is disposed of', async () => {
    const { clock, watcher, log } = setup({ rules: [opened()] });
    const breaker = new CircuitBreaker({ name: 'single', clock, consecutiveFailureThreshold: 1 });
    watcher.watch(breaker, { source: 'mine' });
    await fail(breaker, 1);
    await clock.advanceAsync(1_000);
    breaker.dispose();
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing single', 'resolved single']);
    assert.equal(watcher.getStats().breakers, 0);
  });

  it('keeps its times when the clock goes back', async () => {
    let offset = 0;
    const clock = manualClock();
    const shifted = Object.assign(() => clock() + offset, { setTimer: clock.setTimer });
    const { broken, log } = brokenSetup({ for: MINUTE }, { clock: shifted });
    broken.add('a');
    await clock.advanceAsync(30_000);
    offset = -HOUR;
    await clock.advanceAsync(50_000);
    assert.deepEqual(log(), ['firing a']);
  });
});

describe('grouping', () => {
  it('announces the alerts of an evaluation together if they are of one group', async () => {
    const { clock, broken, received, log } = brokenSetup({}, { group: { by: ['rule'] } });
    for (const name of ['a', 'b']) broken.add(name);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing a b']);
    broken.add('c');
    await clock.advanceAsync(10_000);
    broken.delete('a');
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing a b', 'firing a b c', 'firing b c']);
    assert.deepEqual(
      received[2]?.resolved.map(({ breaker }) => breaker),
      ['a'],
    );
    broken.clear();
    await clock.advanceAsync(10_000);
    assert.equal(log().at(-1), 'resolved b c');
    assert.deepEqual([...new Set(received.map(({ key }) => key))], ['test/broken']);
    assert.equal(new Set(received.map(({ id }) => id)).size, 4);
    assert.equal(received[0]?.summary, 'broken: a; and 1 more');
  });

  it('waits for further alerts, and announces none that have ended meanwhile', async () => {
    const { clock, broken, log } = brokenSetup({}, { group: { by: () => 'all', wait: 30_000 } });
    broken.add('a');
    await clock.advanceAsync(10_000);
    broken.delete('a');
    broken.add('b');
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), []);
    broken.add('c');
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing b c']);
    broken.clear();
    await clock.advanceAsync(20_000);
    broken.add('b');
    await clock.advanceAsync(MINUTE);
    assert.deepEqual(log(), ['firing b c', 'firing b'], 'b has never ended for those who were notified');
  });

  it('falls back to the key of the alert if its function throws', async () => {
    const by = () => {
      throw new Error('no group');
    };
    const { clock, broken, received, watcher } = brokenSetup({}, { group: { by }, logger: SILENT });
    broken.add('a');
    await clock.advanceAsync(10_000);
    assert.deepEqual(
      received.map(({ key }) => key),
      ['test/broken/default/a'],
    );
    assert.ok(watcher.getStats().faults > 0);
  });
});

describe('a silence', () => {
  it('mutes the alerts that it matches until its end, with who and why', async () => {
    const { clock, broken, watcher, log } = brokenSetup();
    const silence = watcher.silence({ breaker: 'a*', by: 'ada', why: 'deployment', for: HOUR });
    for (const name of ['a', 'b']) broken.add(name);
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing b']);
    const muted = watcher.active().find(({ breaker }) => breaker === 'a')?.muted;
    assert.deepEqual(muted, {
      kind: 'silence',
      silence: silence.id,
      by: 'ada',
      why: 'deployment',
      until: new Date(clock() - 10_000 + HOUR),
    });
    assert.equal(watcher.getStats().muted, 1);
    await clock.advanceAsync(HOUR);
    assert.deepEqual(log(), ['firing b', 'firing a'], 'what still fires is announced at the end');
    assert.deepEqual(watcher.silences(), []);
  });

  it('ends before its time, and lets an announced alert resolve', async () => {
    const { clock, broken, watcher, log } = brokenSetup();
    broken.add('a');
    await clock.advanceAsync(10_000);
    const { id } = watcher.silence({ rule: 'broken', by: 'ada', why: 'known', until: new Date(START + HOUR) });
    broken.add('b');
    broken.delete('a');
    await clock.advanceAsync(10_000);
    assert.deepEqual(log(), ['firing a', 'resolved a']);
    assert.equal(watcher.endSilence(id, 'bob', 'done'), true);
    assert.equal(watcher.endSilence(id, 'bob', 'done'), false);
    await clock.advanceAsync(1_000);
    assert.deepEqual(log(), ['firing a', 'resolved a', 'firing b']);
  });

  it('needs somebody, a reason and an end', () => {
    const { watcher } = setup();
    const invalid = [
      {},
      { by: 'ada', why: '', for: 1 },
      { by: 'ada', why: 'x' },
      { by: 'ada', why: 'x', for: 1, until: new Date(START + 1) },
      { by: 'ada', why: 'x', until: new Date(START) },
      { by: 'ada', why: 'x', until: new Date(Number.NaN) },
      { by: 'ada', why: 'x', for: 1, breaker: 7 },
      { by: 'ada', why: 'x', for: 1, braker: 'a' },
    ];
    for (const options of invalid) assert.throws(() => watcher.silence(options as never), OptionsError);
  });
});

describe('a maintenance window', () => {
  it('mutes once from one time to another', async () => {
    const [from, to] = [new Date(START + MINUTE), new Date(START + 10 * MINUTE)];
    const { clock, broken, log, watcher } = brokenSetup({}, { maintenance: [{ from, to, why: 'database' }] });
    await clock.advanceAsync(MINUTE);
    broken.add('a');
    await clock.advanceAsync(8 * MINUTE);
    assert.deepEqual(log(), []);
    assert.equal(watcher.active()[0]?.muted?.kind, 'maintenance');
    await clock.advanceAsync(MINUTE);
    assert.deepEqual(log(), ['firing a']);
  });

  it('mutes every week in its time zone, also beyond midnight', async () => {
    // 10:00 in UTC on a Tuesday is 13:00 in Nairobi.
    const maintenance = [
      { days: ['tue'] as const, from: '23:00', to: '01:00', timeZone: 'Africa/Nairobi', why: 'backup' },
    ];
    const { clock, broken, log } = brokenSetup({ coolDown: 0 }, { maintenance, interval: MINUTE });
    await clock.advanceAsync(10 * HOUR);
    broken.add('a');
    await clock.advanceAsync(2 * HOUR - MINUTE);
    assert.deepEqual(log(), []);
    await clock.advanceAsync(MINUTE);
    assert.deepEqual(log(), ['firing a']);
  });

  it('is refused if its times are invalid', () => {
    const invalid = [
      [{}],
      [{ why: 'x', from: new Date(1), to: new Date(1) }],
      [{ why: 'x', from: new Date(1) }],
      [{ why: 'x', from: '25:00' }],
      [{ why: 'x', timeZone: 'Mars/Olympus' }],
      [{ why: 'x', days: ['caturday'] }],
      'sunday',
    ];
    for (const maintenance of invalid) assert.throws(() => setup({ maintenance: maintenance as never }), OptionsError);
  });
});

describe('an acknowledgement', () => {
  it('notifies who works on a firing alert, and ends with it', async () => {
    const { clock, broken, watcher, received } = brokenSetup({ coolDown: 0 });
    broken.add('a');
    await clock.advanceAsync(10_000);
    const { id = '' } = watcher.active()[0] ?? {};
    assert.equal(watcher.acknowledge('unknown', 'ada', 'looking'), false);
    assert.equal(watcher.acknowledge(id, 'ada', 'looking'), true);
    await clock.advanceAsync(1_000);
    assert.equal(watcher.active()[0]?.acknowledged?.by, 'ada');
    assert.deepEqual(
      received.map(({ status }) => status),
      ['firing', 'acknowledged'],
    );
    assert.equal(received[0]?.key, received[1]?.key);
    assert.throws(() => watcher.acknowledge(id, '', 'looking'), OptionsError);
    broken.clear();
    await clock.advanceAsync(10_000);
    assert.equal(watcher.history()[0]?.acknowledged?.why, 'looking');
    broken.add('a');
    await clock.advanceAsync(10_000);
    assert.equal(watcher.active()[0]?.acknowledged, null);
  });
});

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

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
