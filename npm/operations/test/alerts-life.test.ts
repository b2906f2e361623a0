import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakerRegistry, CircuitBreaker, OptionsError } from 'fusewire';
import { opened } from '@fusewire/operations/alerts';
import { manualClock } from '@fusewire/testing';
import { brokenSetup, fail, open, setup, SILENT, START } from './alerts-kit.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

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
