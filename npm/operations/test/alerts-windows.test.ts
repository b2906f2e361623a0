import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import { adaptive } from 'fusewire/adaptive';
import { isInWeekTimes, readOptions, readWeekTimes } from 'fusewire/kit';
import { CounterHistory } from '../src/alerts/counter-history.ts';

/** Returns random numbers from 0 to below 1, the same at each run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

describe('the history of counters', () => {
  it('yields the growth within its window, exact to a slice and the distance of the readings', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = randomNumbers(seed);
      const length = 1 + Math.floor(random() * 10_000);
      const longestStep = length * random() * 2;
      const history = new CounterHistory(length, 2);
      const readings: (readonly [time: number, count: number])[] = [];
      let [now, count] = [random() * 1_000, 0];
      for (let reading = 0; reading < 300; reading++) {
        now += random() * longestStep;
        count += Math.floor(random() * 5);
        readings.push([now, count]);
        const [growth = -1, double = -1] = history.add(now, [count, 2 * count]);
        assert.equal(double, 2 * growth);
        const countAt = (time: number) => (readings.findLast(([at]) => at <= time) ?? readings[0] ?? [0, 0])[1];
        const least = count - countAt(now - length);
        const most = count - countAt(now - length - length / 30 - longestStep);
        assert.ok(growth >= least && growth <= most, `seed ${seed}: ${least} <= ${growth} <= ${most}`);
      }
    }
  });

  it('never yields a negative growth', () => {
    const history = new CounterHistory(100, 1);
    history.add(0, [50]);
    assert.deepEqual(history.add(10, [3]), [0]);
  });
});

describe('times of the week', () => {
  it('match the minutes that a schedule of adaptive matches', () => {
    const monday = Date.UTC(2026, 10, 30);
    const entries = [
      {},
      { days: 'weekdays' as const, from: '09:00', to: '17:30' },
      { days: ['sun'] as const, from: '22:00', to: '02:00' },
      { days: ['mon', 'wed'] as const, from: '23:59', to: '00:01' },
      { days: 'weekend' as const, to: '00:00' },
      { from: '12:00', to: '11:59' },
    ];
    for (const entry of entries) {
      let now = monday;
      const schedule = { timeZone: 'UTC', clock: () => now, entries: [{ ...entry, failureThreshold: 1 }] };
      const scheduled = adaptive(new CircuitBreaker({ name: 'scheduled', failureThreshold: 9 }), { schedule });
      const times = readWeekTimes(readOptions('Window', 'window', entry), '', entry);
      for (let minute = 0; minute < 10_080; minute++) {
        now = monday + minute * 60_000;
        const isIn = scheduled.getStats().entry === 0;
        assert.equal(isInWeekTimes(times, minute), isIn, `${JSON.stringify(entry)} at minute ${minute}`);
      }
    }
  });
});
