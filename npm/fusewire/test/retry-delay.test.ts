import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { retry } from 'fusewire';
import { rejection, turn } from './support.ts';
import { NOW, timesOf, waitAfter } from './support-retry.ts';

describe('retry() between attempts', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW }));
  afterEach(() => mock.timers.reset());

  it('waits for the time that its delay gives', async () => {
    for (const [delay, expected] of [
      [{ type: 'constant', delay: 70 }, [0, 70, 140, 210]],
      [{ type: 'linear', initial: 100, increment: 50 }, [0, 100, 250, 450]],
      [{ type: 'linear', initial: 100, max: 150 }, [0, 100, 250, 400]],
      [{ type: 'exponential', initial: 100, jitter: 'none' }, [0, 100, 300, 700]],
      [{ type: 'exponential', initial: 100, factor: 3, max: 500, jitter: 'none' }, [0, 100, 400, 900]],
    ] as const) {
      let runs = 0;
      const call = retry({ delay, attempts: 4 }).execute(() => Promise.reject(runs++));
      assert.deepEqual(await timesOf(call, () => runs, 1_000), expected, JSON.stringify(delay));
      await rejection(call);
    }
  });

  it('keeps random delays within their bounds', async () => {
    const waits = async (delay: object) => {
      let runs = 0;
      const call = retry({ delay: delay as never, attempts: 4 }).execute(() => Promise.reject(runs++));
      const times = await timesOf(call, () => runs, 2_000);
      await rejection(call);
      return times.slice(1).map((time, index) => time - (times[index] as number));
    };
    const full = await waits({ type: 'exponential', initial: 100, seed: 1 });
    full.forEach((wait, index) => assert.ok(wait <= 100 * 2 ** index + 1, `${full}`));
    const equal = await waits({ type: 'exponential', initial: 100, jitter: 'equal', seed: 1 });
    equal.forEach((wait, index) => assert.ok(wait >= 50 * 2 ** index - 1 && wait <= 100 * 2 ** index + 1, `${equal}`));
    const decorrelated = await waits({ type: 'decorrelated', initial: 50, max: 400, seed: 1 });
    decorrelated.forEach((wait, index) => {
      assert.ok(wait >= 49 && wait <= Math.min(401, 3 * (decorrelated[index - 1] ?? 50) + 4), `${decorrelated}`);
    });
    assert.deepEqual(await waits({ type: 'exponential', initial: 100, seed: 1 }), full);
  });

  it('repeats each of many calls at its own time', async () => {
    const waits = Array.from({ length: 200 }, (_, index) => ((index * 7_919) % 997) + 1);
    const policy = retry({ attempts: 2, delay: 0, maxRetryAfter: 10_000 });
    const repeated: number[] = [];
    const controllers = waits.map(() => new AbortController());
    const calls = waits.map((wait, index) =>
      policy.execute(
        ({ attempt }) => {
          if (attempt === 1)
            return Promise.reject(Object.assign(new Error('busy'), { headers: { 'retry-after-ms': String(wait) } }));
          assert.ok(Date.now() >= NOW + wait);
          repeated.push(wait);
          return wait;
        },
        { signal: (controllers[index] as AbortController).signal },
      ),
    );
    const settling = Promise.allSettled(calls);
    await turn();
    controllers.forEach((controller, index) => index % 3 === 0 && controller.abort('enough'));
    for (let time = 0; time <= 1_000; time += 10) {
      mock.timers.tick(10);
      await turn();
    }
    const settled = await settling;
    settled.forEach(({ status }, index) => assert.equal(status, index % 3 === 0 ? 'rejected' : 'fulfilled'));
    const expected = waits.filter((_, index) => index % 3 !== 0).sort((left, right) => left - right);
    assert.deepEqual(
      repeated.map((wait) => Math.ceil(wait / 10)),
      expected.map((wait) => Math.ceil(wait / 10)),
    );
  });
});

describe('Retry-After', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW }));
  afterEach(() => mock.timers.reset());

  const inSeconds = (seconds: number) => new Date(NOW + seconds * 1_000).toUTCString();
  for (const [what, error, expected] of [
    ['milliseconds of the error', { headers: { 'retry-after-ms': '1234' } }, 1_234],
    ['a number of a foreign error, whose unit is not known', { retryAfter: 1_234 }, 10],
    ['seconds of its response', { response: new Response(null, { headers: { 'retry-after': '2' } }) }, 2_000],
    ['seconds of its headers', { headers: new Headers({ 'Retry-After': ' 3 ' }) }, 3_000],
    ['seconds of plain headers', { response: { headers: { 'retry-after': '4' } } }, 4_000],
    ['a number of plain headers', { headers: { 'Retry-After': 5 } }, 5_000],
    ['a date', { headers: { 'retry-after': inSeconds(6) } }, 6_000],
    ['a date of RFC 850', { headers: { 'retry-after': 'Tuesday, 14-Nov-23 22:13:27 GMT' } }, 7_000],
    ['a date of asctime', { headers: { 'retry-after': 'Tue Nov 14 22:13:28 2023' } }, 8_000],
    ['a date that is over', { headers: { 'retry-after': inSeconds(-60) } }, 10],
    ['less than the delay', { headers: { 'retry-after-ms': '5' } }, 10],
    ['more than maxRetryAfter', { headers: { 'retry-after': '3600' } }, 30_000],
    ['nothing', {}, 10],
    ['words', { headers: { 'retry-after': 'soon 5' } }, 10],
    ['an empty header', { headers: { 'retry-after': '' } }, 10],
    ['no number', { retryAfter: '7' }, 10],
    ['null', { response: null, headers: null }, 10],
  ] as const) {
    it(`sets the delay: ${what}`, async () => {
      assert.equal(await waitAfter(retry({ delay: 10 }), error), expected);
    });
  }

  it('is skipped without a warning if it is malformed, and reported if the option returned it', async () => {
    const policy = retry({ delay: 10 });
    const own = retry({ delay: 10, retryAfter: (error) => (error as { retryAfter: number }).retryAfter });
    for (const retryAfter of [-1, Number.NaN]) {
      assert.equal(await waitAfter(policy, { retryAfter }), 10);
      assert.equal(await waitAfter(own, { retryAfter }), 10);
    }
    assert.equal(policy.getStats().predicateErrors, 0);
    assert.equal(own.getStats().predicateErrors, 2);
  });

  it('is limited by maxRetryAfter, and read by the retryAfter option', async () => {
    const second = { headers: { 'retry-after': '1' } };
    assert.equal(await waitAfter(retry({ delay: 10, maxRetryAfter: 500 }), second), 500);
    assert.equal(await waitAfter(retry({ delay: 10, maxRetryAfter: 0 }), second), 10);
    assert.equal(await waitAfter(retry({ delay: 10, retryAfter: false }), second), 10);
    const own = retry({ delay: 10, retryAfter: (error) => (error as { wait: number }).wait });
    assert.equal(await waitAfter(own, { wait: 300 }), 300);
    const throwing = retry({
      delay: 10,
      retryAfter: () => {
        throw new Error('bug');
      },
    });
    assert.equal(await waitAfter(throwing, {}), 10);
    assert.equal(throwing.getStats().predicateErrors, 1);
  });
});
