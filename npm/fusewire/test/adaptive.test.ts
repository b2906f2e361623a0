import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adaptive, CircuitBreaker, OptionsError } from 'fusewire';
import type { Adaptive, AdaptiveOptions, BackendKind, PredictionEvent, ScheduleEntry } from 'fusewire';
import { ManualClock, onEachBackend, quickBreaker } from './support.ts';

const HOUR = 3_600_000;

/** Creates a breaker with a schedule that reads the settable wall clock `wall`. */
function scheduled(entries: readonly ScheduleEntry[], timeZone: string, at: string, backend: BackendKind = 'wasm') {
  const wall = { now: Date.parse(at) };
  const { breaker } = quickBreaker(backend, { failureThreshold: 3, timeout: false });
  const adapts = adaptive(breaker, { schedule: { timeZone, entries, clock: () => wall.now } });
  const threshold = () => breaker.explain().failureThreshold;
  const changesAt = () => adapts.explain().entryChangesAt?.toISOString();
  return { adapts, breaker, wall, threshold, changesAt };
}

const fail = (breaker: CircuitBreaker) => breaker.tryExecute(() => Promise.reject(new Error('down')));

/** Makes ten calls a second for `seconds`, and moves the clock along. */
async function makeCalls(
  breaker: CircuitBreaker,
  clock: ManualClock,
  seconds: number,
  failing: boolean,
): Promise<void> {
  for (let call = 0; call < seconds * 10; call++) {
    clock.advance(100);
    await breaker.tryExecute(() => (failing ? Promise.reject(new Error('down')) : 'up'));
  }
}

function predicting(backend: BackendKind, prediction: AdaptiveOptions['prediction']) {
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({
    name: 'mpesa',
    backend,
    clock: clock.read,
    failureRateThreshold: 0.5,
    timeout: false,
  });
  const adapts = adaptive(breaker, { prediction });
  const events: PredictionEvent[] = [];
  breaker.on('prediction', (event) => events.push(event));
  return { adapts, breaker, clock, events };
}

onEachBackend('adaptive() with a schedule', (backend) => {
  const peak: ScheduleEntry = { days: 'weekdays', from: '08:00', to: '18:00', failureThreshold: 10 };

  test('applies an entry from its first minute to its last', () => {
    const { wall, threshold, changesAt } = scheduled([peak], 'Africa/Nairobi', '2026-03-27T04:59:59.999Z', backend);
    assert.equal(threshold(), 3);
    assert.equal(changesAt(), '2026-03-27T05:00:00.000Z');
    wall.now += 1;
    assert.equal(threshold(), 10);
    assert.equal(changesAt(), '2026-03-27T15:00:00.000Z');
    wall.now += 10 * HOUR;
    assert.equal(threshold(), 3);
    assert.equal(changesAt(), '2026-03-30T05:00:00.000Z', 'after the weekend');
  });

  test('checks new thresholds at the next outcome and keeps the counts of the window', async () => {
    const { breaker, wall } = scheduled([peak], 'UTC', '2026-03-27T07:59:59Z', backend);
    await fail(breaker);
    await fail(breaker);
    wall.now += 1_000;
    for (let call = 2; call < 9; call++) await fail(breaker);
    assert.equal(breaker.state, 'CLOSED');
    assert.equal(breaker.getStats().failureCount, 9);
    wall.now += 10 * HOUR;
    await fail(breaker);
    assert.equal(breaker.state, 'OPEN');
    assert.equal(breaker.explain().threshold, 3);
  });

  test('makes and emits the transitions that are due before it changes the thresholds', async () => {
    const clock = new ManualClock();
    const wall = { now: Date.parse('2026-03-27T07:59:59Z') };
    const breaker = new CircuitBreaker({
      name: 'mpesa',
      backend,
      clock: clock.read,
      slowCallRateThreshold: 1,
      slowCallDuration: 100,
      minimumCalls: 1,
      inFlight: {},
      resetTimeout: 1_000,
      timeout: false,
    });
    const entries = [{ ...peak, failureThreshold: undefined, minimumCalls: 2 }];
    adaptive(breaker, { schedule: { timeZone: 'UTC', entries, clock: () => wall.now } });
    const seen: string[] = [];
    breaker.on('stateChange', ({ from, to, reason }) => seen.push(`${from} ${to} ${reason}`));
    void breaker.execute(() => new Promise(() => undefined));
    clock.advance(5_000);
    wall.now += 5_000;
    assert.equal(breaker.state, 'HALF_OPEN');
    assert.deepEqual(seen, ['CLOSED OPEN slow-call-rate', 'OPEN HALF_OPEN open-time-elapsed']);
    assert.equal(breaker.explain().minimumCalls, 2);
  });

  test('restores the thresholds of the breaker after stop()', () => {
    const { adapts, breaker, threshold } = scheduled([peak], 'UTC', '2026-03-27T12:00:00Z', backend);
    assert.equal(threshold(), 10);
    adapts.stop();
    assert.equal(threshold(), 3);
    assert.notEqual(adaptive(breaker, { prediction: {} }), adapts);
  });
});

test('adaptive() applies the first matching entry, also past midnight', () => {
  const entries: ScheduleEntry[] = [
    { days: ['sun'], from: '22:00', to: '06:00', failureThreshold: 7 },
    { days: 'weekend', failureThreshold: 8 },
  ];
  const { wall, threshold } = scheduled(entries, 'UTC', '2026-03-29T21:59:00Z');
  assert.equal(threshold(), 8);
  wall.now += 60_000;
  assert.equal(threshold(), 7);
  wall.now += 5 * HOUR;
  assert.equal(threshold(), 7, 'Monday, three in the morning');
  wall.now += 3 * HOUR;
  assert.equal(threshold(), 3);
});

test('adaptive() skips the minutes that daylight saving skips', () => {
  // On 29 March 2026, 02:00 in Berlin is 03:00 at once, at 01:00 UTC.
  const entries: ScheduleEntry[] = [
    { days: ['sun'], from: '02:15', to: '02:45', failureThreshold: 9 },
    { days: ['sun'], from: '01:30', to: '04:00', failureThreshold: 5 },
  ];
  const { wall, threshold, changesAt } = scheduled(entries, 'Europe/Berlin', '2026-03-29T00:30:00Z');
  assert.equal(threshold(), 5);
  assert.equal(changesAt(), '2026-03-29T01:00:00.000Z', 'the schedule is read again when daylight saving starts');
  wall.now = Date.parse('2026-03-29T01:00:00Z');
  assert.equal(threshold(), 5, 'the minutes of the first entry are skipped');
  assert.equal(changesAt(), '2026-03-29T02:00:00.000Z', '04:00 summer time');
  wall.now = Date.parse('2026-03-29T02:00:00Z');
  assert.equal(threshold(), 3);
});

test('adaptive() applies an entry in both hours where daylight saving repeats one', () => {
  // On 25 October 2026, 03:00 in Berlin is 02:00 again, at 01:00 UTC.
  const entries: ScheduleEntry[] = [{ days: ['sun'], from: '02:00', to: '03:00', failureThreshold: 9 }];
  const { wall, threshold, changesAt } = scheduled(entries, 'Europe/Berlin', '2026-10-24T23:59:00Z');
  assert.equal(threshold(), 3);
  wall.now = Date.parse('2026-10-25T00:30:00Z');
  assert.equal(threshold(), 9);
  wall.now = Date.parse('2026-10-25T01:30:00Z');
  assert.equal(threshold(), 9);
  assert.equal(changesAt(), '2026-10-25T02:00:00.000Z');
  wall.now = Date.parse('2026-10-25T02:00:00Z');
  assert.equal(threshold(), 3);
});

test('adaptive() follows a wall clock that is set back, and keeps the last time where it shows NaN', () => {
  const { wall, threshold, breaker } = scheduled(
    [{ from: '12:00', failureThreshold: 9 }],
    'UTC',
    '2026-03-27T12:00:00Z',
  );
  assert.equal(threshold(), 9);
  wall.now -= HOUR;
  assert.equal(threshold(), 3);
  wall.now = Number.NaN;
  assert.equal(threshold(), 3);
  assert.equal(breaker.getStats().predicateErrors, 0);
});

test('adaptive() matches local time at every hour of a year in every zone', () => {
  const entries: ScheduleEntry[] = [
    { days: ['sat', 'sun'], failureThreshold: 100 },
    { from: '07:30', to: '19:15', failureThreshold: 200 },
  ];
  for (const timeZone of ['America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC']) {
    const { wall, threshold } = scheduled(entries, timeZone, '2026-01-01T00:00:00Z');
    const shown = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', timeStyle: undefined });
    const time = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
    for (let step = 0; step < 365 * 24; step++) {
      wall.now += HOUR + 7 * 60_000;
      const isWeekend = ['Sat', 'Sun'].includes(shown.format(wall.now));
      const clock = time.format(wall.now);
      const expected = isWeekend ? 100 : clock >= '07:30' && clock < '19:15' ? 200 : 3;
      assert.equal(threshold(), expected, `${timeZone} ${new Date(wall.now).toISOString()}`);
    }
  }
});

test('adaptive() starts no timer', () => {
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const { breaker } = scheduled([{ failureThreshold: 9 }], 'UTC', '2026-03-27T12:00:00Z');
  breaker.getStats();
  assert.equal(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length, before);
});

onEachBackend('adaptive() with a prediction', (backend) => {
  test('emits one prediction in shadow mode, rejects nothing, and counts whether it came true', async () => {
    const { adapts, breaker, clock, events } = predicting(backend, {});
    await makeCalls(breaker, clock, 120, false);
    assert.equal(adapts.explain().foreseen, null);
    await makeCalls(breaker, clock, 20, true);
    assert.equal(events.length, 1);
    const [event] = events as [PredictionEvent];
    assert.equal(event.sign, 'failure-rate');
    assert.equal(event.threshold, 0.5);
    assert.equal(event.enforced, false);
    assert.match(
      event.message,
      /^would open now, because failure-rate is at 0\.\d+ and expected to reach 0\.5 in \d+ ms$/,
    );
    assert.equal(breaker.state, 'CLOSED');
    assert.equal(breaker.getStats().totalRejected, 0);
    await makeCalls(breaker, clock, 15, true);
    assert.equal(breaker.state, 'OPEN');
    assert.equal(breaker.explain().reason, 'failure-rate');
    const { prediction } = adapts.getStats();
    assert.equal(prediction?.cameTrue, 1);
    assert.equal(prediction?.missed, 0);
    assert.ok((prediction?.timeGained ?? 0) > 10_000, `${prediction?.timeGained}`);
  });

  test('opens the circuit with the reason predicted in enforce mode', async () => {
    const { adapts, breaker, clock, events } = predicting(backend, { mode: 'enforce' });
    await makeCalls(breaker, clock, 120, false);
    await makeCalls(breaker, clock, 20, true);
    assert.equal(breaker.state, 'OPEN');
    const { reason, observed, threshold } = breaker.explain();
    assert.deepEqual([reason, observed, threshold], ['predicted', events[0]?.observed, 0.5]);
    assert.equal(adapts.getStats().prediction?.totalEnforced, 1);
    assert.equal(events[0]?.enforced, true);
    clock.advance(60_000);
    await makeCalls(breaker, clock, 100, false);
    assert.equal(breaker.state, 'CLOSED', 'it recovers like any open circuit');
    assert.equal(events.length, 1);
  });

  test('does not open a circuit that is forced closed', async () => {
    const { breaker, clock, adapts } = predicting(backend, { mode: 'enforce' });
    breaker.forceClosed();
    await makeCalls(breaker, clock, 120, false);
    await makeCalls(breaker, clock, 60, true);
    assert.equal(breaker.state, 'CLOSED');
    assert.equal(adapts.getStats().prediction?.totalEnforced, 0);
  });

  test('predicts against the thresholds of the schedule', async () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({ backend, clock: clock.read, failureRateThreshold: 0.9, timeout: false });
    const thresholds: number[] = [];
    breaker.on('prediction', ({ threshold }) => thresholds.push(threshold));
    adaptive(breaker, { schedule: { entries: [{ failureRateThreshold: 0.4 }] }, prediction: {} });
    await makeCalls(breaker, clock, 120, false);
    await makeCalls(breaker, clock, 20, true);
    assert.deepEqual(thresholds, [0.4]);
  });
});

test('a prediction listener that throws does not fail the call', async () => {
  const { breaker, clock } = predicting('wasm', {});
  breaker.on('prediction', () => {
    throw new Error('mine');
  });
  await makeCalls(breaker, clock, 120, false);
  await makeCalls(breaker, clock, 20, true);
  assert.equal(breaker.getStats().listenerErrors, 1);
});

test('adaptive() logs a prediction', async () => {
  const written: string[] = [];
  const write = (message: string) => written.push(message);
  const logger = { debug: write, info: write, warn: write, error: write };
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({ name: 'mpesa', clock: clock.read, failureRateThreshold: 0.5, logger });
  adaptive(breaker, { prediction: {} });
  await makeCalls(breaker, clock, 120, false);
  await makeCalls(breaker, clock, 20, true);
  assert.match(written[0] ?? '', /^Circuit breaker mpesa: would open now, because failure-rate/);
});

test('adaptive() returns the same object for the same options, and throws for others', () => {
  const options: AdaptiveOptions = { prediction: {} };
  const { breaker } = quickBreaker('wasm');
  const first: Adaptive = adaptive(breaker, options);
  assert.equal(adaptive(breaker, options), first);
  assert.throws(
    () => adaptive(breaker, { prediction: {} }),
    /adapts already with other options; call stop\(\) on the first one before/,
  );
});

test('adaptive() lets a disposed breaker reject as usual', async () => {
  const { breaker } = predicting('wasm', {});
  breaker.dispose();
  await assert.rejects(
    breaker.execute(() => 1),
    { code: 'ERR_BREAKER_DISPOSED' },
  );
});

test('adaptive() reports every wrong option at once, with its path', () => {
  const { breaker } = quickBreaker('wasm');
  const options = {
    schedule: {
      timeZone: 'Mars/Olympus',
      clock: 7,
      zone: 'UTC',
      entries: [
        { days: ['monday'], from: '8:00', to: '24:01', failureThreshold: 'many', peak: true },
        { days: 5, from: 8 },
        { from: '09:00', to: '09:00', failureThreshold: 0, failureRateThreshold: 1.5, slowCallRateThreshold: 0.5 },
        'weekdays',
      ],
    },
    prediction: { mode: 'on', horizon: -1, interval: 0.1, confirmations: 1.5, margin: '1', ahead: 1 },
    other: 1,
  };
  const error = thrownBy(() => adaptive(breaker, options as never));
  assert.ok(error instanceof OptionsError);
  assert.deepEqual(error.problems.map(({ option, kind }) => `${option} ${kind}`).sort(), [
    'other unknown',
    'prediction.ahead unknown',
    'prediction.confirmations range',
    'prediction.horizon range',
    'prediction.interval range',
    'prediction.margin type',
    'prediction.mode range',
    'schedule.clock type',
    'schedule.entries.0.days range',
    'schedule.entries.0.failureThreshold type',
    'schedule.entries.0.from range',
    'schedule.entries.0.peak unknown',
    'schedule.entries.0.to range',
    'schedule.entries.1 missing',
    'schedule.entries.1.days type',
    'schedule.entries.1.from type',
    'schedule.entries.2.failureRateThreshold range',
    'schedule.entries.2.failureThreshold range',
    'schedule.entries.2.slowCallRateThreshold conflict',
    'schedule.entries.2.to range',
    'schedule.entries.3 type',
    'schedule.timeZone range',
    'schedule.zone unknown',
  ]);
  assert.match(error.message, /^Adaptive breaker mpesa: .*schedule\.timeZone must be .*, got "Mars\/Olympus"/);
  assert.equal(breaker.explain().failureThreshold, 2, 'the breaker is unchanged');
});

test('adaptive() rejects what it cannot adapt', () => {
  const problemsOf = (breaker: unknown, options: unknown) => {
    const error = thrownBy(() => adaptive(breaker as CircuitBreaker, options as AdaptiveOptions));
    assert.ok(error instanceof OptionsError, String(error));
    return error.problems.map(({ option, kind }) => `${option} ${kind}`);
  };
  const { breaker } = quickBreaker('wasm');
  assert.deepEqual(problemsOf({}, {}), ['breaker type']);
  assert.deepEqual(problemsOf(breaker, undefined), ['options type']);
  assert.deepEqual(problemsOf(breaker, {}), ['schedule missing']);
  assert.deepEqual(problemsOf(breaker, { name: 'x', prediction: {} }), ['name unknown']);
  assert.deepEqual(problemsOf(breaker, { schedule: 1, prediction: [] }), ['schedule type', 'prediction type']);
  assert.deepEqual(problemsOf(breaker, { schedule: { entries: [] } }), ['schedule.entries range']);
  assert.deepEqual(problemsOf(breaker, { schedule: {} }), ['schedule.entries missing']);
  const consecutive = new CircuitBreaker({ consecutiveFailureThreshold: 3 });
  assert.deepEqual(problemsOf(consecutive, { prediction: {} }), ['prediction conflict']);
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
