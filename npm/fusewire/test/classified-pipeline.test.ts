import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { adaptiveBulkhead, cache, CircuitBreaker, fallback, hedge, pipeline, retry } from 'fusewire';
import { fallbackErrorsOf } from 'fusewire/errors';
import { shedLoad, timeout } from 'fusewire';
import type { Outcome, Verdict } from 'fusewire';
import { deferred, open, rejection, turn } from './support.ts';

const bad = { answer: 'bad' };
const good = { answer: 'good' };
const isBad = (outcome: Outcome): Verdict => ('value' in outcome && outcome.value === bad ? 'failure' : undefined);

/** Returns work that returns these values in turn, the last one ever after, and counts its runs. */
function returning(...values: unknown[]) {
  const work = () => values[Math.min(work.runs++, values.length - 1)];
  work.runs = 0;
  return work;
}

/** Returns a response with a body, and whether the body was cancelled. */
function response(status: number, headers: Record<string, string> = {}) {
  const state = { cancelled: false };
  const body = new ReadableStream({ cancel: () => void (state.cancelled = true) });
  return Object.assign(new Response(body, { status, headers }), { state });
}

describe('a value that counts as a failure', () => {
  it('is repeated by a retry, which returns the first good one', async () => {
    const policy = retry({ delay: 0, classify: isBad });
    const work = returning(bad, bad, good);
    assert.equal(await policy.execute(work), good);
    const { totalRetries, totalRecovered, totalSuccesses, totalFailures } = policy.getStats();
    assert.deepEqual([work.runs, totalRetries, totalRecovered, totalSuccesses, totalFailures], [3, 2, 1, 1, 0]);
  });

  it('is returned when the attempts are used up', async () => {
    const policy = retry({ delay: 0, classify: isBad, exhausted: 'all-errors' });
    const work = returning(bad);
    assert.equal(await policy.execute(work), bad);
    const { totalExhausted, totalFailures, totalSuccesses, inFlight } = policy.getStats();
    assert.deepEqual([work.runs, totalExhausted, totalFailures, totalSuccesses, inFlight], [3, 1, 1, 0, 0]);
  });

  it('is returned, and not an error, where the next attempt could only begin after the timeout around it', async () => {
    const total = timeout(1_000);
    const calls = pipeline([total, retry()]);
    const late = response(429, { 'retry-after': '7' });
    assert.equal(await calls.execute(() => late), late);
    assert.equal(total.getStats().totalTimeouts, 0);
    assert.equal(late.state.cancelled, false);
  });

  it('is passed to retryIf with its outcome', async () => {
    const asked: unknown[] = [];
    const policy = retry({
      delay: 0,
      classify: isBad,
      retryIf: (failure, { outcome }) => asked.push(failure, outcome) < 3,
    });
    assert.equal(await policy.execute(returning(bad)), bad);
    assert.deepEqual(asked, [bad, { value: bad }, bad, { value: bad }]);
  });

  it('is answered by a fallback, whose strategies receive it', async () => {
    const seen: unknown[] = [];
    const policy = fallback({
      classify: isBad,
      strategies: [{ name: 'own', execute: (error, { outcome, reason }) => (seen.push(error, outcome, reason), good) }],
    });
    assert.deepEqual(await policy.tryExecute(() => bad), { status: 'success', value: good, source: 'fallback:own' });
    assert.deepEqual(seen, [bad, { value: bad }, 'failure']);
    assert.deepEqual(policy.getStats().answers, { 'fallback:own': 1 });
  });

  it('is returned where no strategy answers', async () => {
    const policy = fallback({ classify: isBad, strategies: [{ name: 'no', when: () => false, execute: () => good }] });
    assert.deepEqual(await policy.tryExecute(() => bad), { status: 'success', value: bad, source: 'call' });
    const { answers, totalFailures } = policy.getStats();
    assert.deepEqual([answers, totalFailures], [{}, 1]);
    assert.deepEqual(fallbackErrorsOf(bad), []);
  });

  for (const coalesce of [false, true]) {
    it(`is not stored by a cache, and answered from it (coalesce: ${coalesce})`, async () => {
      const policy = cache({ classify: isBad, staleFor: 1_000, coalesce });
      assert.equal(await policy.execute(() => bad, { key: 'key' }), bad);
      assert.equal(policy.size, 0);
      await policy.execute(() => good, { key: 'key' });
      assert.equal(await policy.execute(() => bad, { key: 'key' }), good);
    });
  }

  it('that is ignored is not stored by a cache either, and comes through', async () => {
    const policy = cache({ classify: () => 'ignore' });
    assert.equal(await policy.execute(() => good, { key: 'key' }), good);
    assert.equal(policy.size, 0);
  });

  it('settles a hedge only after all copies have failed', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
    try {
      const works = [deferred(), deferred()] as const;
      const policy = hedge({ delay: 10, classify: isBad, idempotent: true });
      let copies = 0;
      const call = policy.execute(() => (works[copies++] as (typeof works)[0]).promise);
      mock.timers.tick(10);
      works[0].resolve(bad);
      await turn();
      assert.equal(policy.getStats().inFlight, 1);
      works[1].resolve(good);
      assert.equal(await call, good);
      assert.equal(policy.getStats().totalHedgesWon, 1);
      assert.equal(await policy.execute(() => bad), bad);
      assert.equal(policy.getStats().totalFailures, 1);
    } finally {
      mock.timers.reset();
    }
  });

  it('is not accepted for a load shedder, and dropped for an adaptive limit', async () => {
    const shed = shedLoad();
    const limit = adaptiveBulkhead();
    const calls = pipeline([shed, limit], { classify: isBad });
    assert.equal(await calls.execute(() => bad), bad);
    assert.deepEqual([shed.getStats().totalUnaccepted, limit.getStats().totalDropped], [1, 1]);
  });
});

describe('the body of a response that no caller receives', () => {
  it('is cancelled by a retry before the next attempt', async () => {
    const [first, last] = [response(503), response(503)];
    assert.equal(await retry({ attempts: 2, delay: 0 }).execute(returning(first, last)), last);
    assert.deepEqual([first.state.cancelled, last.state.cancelled], [true, false]);
  });

  it('is cancelled by a fallback that answers, unless the answer is the response', async () => {
    const [dropped, kept] = [response(503), response(503)];
    await fallback([{ name: 'other', execute: () => 1 }]).execute(() => dropped);
    await fallback([{ name: 'same', execute: (error) => error }]).execute(() => kept);
    assert.deepEqual([dropped.state.cancelled, kept.state.cancelled], [true, false]);
  });

  it('stays as it is while somebody reads it', async () => {
    const read = response(503);
    const reader = (read.body as ReadableStream).getReader();
    assert.equal(await retry({ attempts: 2, delay: 0 }).execute(returning(read, good)), good);
    assert.equal(read.state.cancelled, false);
    reader.releaseLock();
  });
});

describe('retry() by the verdict', () => {
  const failing = (error: unknown) => {
    const work = () => Promise.reject((work.runs++, error));
    work.runs = 0;
    return work;
  };

  it('does not repeat what is ignored, unless the judgement says so', async () => {
    for (const [verdict, runs] of [
      ['ignore', 1],
      ['success', 1],
      ['failure', 3],
      [{ verdict: 'ignore', retry: true }, 3],
      [{ verdict: 'failure', retry: false }, 1],
      [undefined, 3],
    ] as const) {
      const work = failing(new Error('down'));
      await rejection(retry({ delay: 0, classify: () => verdict }).execute(work));
      assert.equal(work.runs, runs, JSON.stringify(verdict));
    }
    const wrong = failing({ status: 404 });
    await rejection(retry({ delay: 0 }).execute(wrong));
    assert.equal(wrong.runs, 1);
  });

  it('repeats the rejection of a breaker only if the judgement says so', async () => {
    const breaker = new CircuitBreaker();
    await open(breaker);
    for (const [verdict, retries] of [
      ['failure', 0],
      [{ retry: true }, 2],
    ] as const) {
      const policy = retry({ delay: 0, retryAfter: false, classify: () => verdict });
      await rejection(pipeline([policy, breaker]).execute(() => 1));
      assert.equal(policy.getStats().totalRetries, retries);
    }
  });

  it('waits as long as the judgement says', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
    try {
      const policy = retry({ delay: 0, attempts: 2, classify: () => ({ retryAfter: 500 }) });
      const work = failing('busy');
      const call = rejection(policy.execute(work));
      await turn();
      mock.timers.tick(499);
      await turn();
      assert.equal(work.runs, 1);
      mock.timers.tick(1);
      await call;
      assert.equal(work.runs, 2);
    } finally {
      mock.timers.reset();
    }
  });

  it('reads no retryAfter of a foreign error, whose unit is not known', async () => {
    const policy = retry({ delay: 0, attempts: 2 });
    const work = failing(Object.assign(new Error('busy'), { retryAfter: 60_000 }));
    await rejection(policy.execute(work));
    assert.equal(work.runs, 2);
  });
});

describe('fallback() by the verdict', () => {
  it('answers failures, timeouts and rejections, and nothing that is ignored', async () => {
    const breaker = new CircuitBreaker();
    await open(breaker);
    const policy = fallback([{ name: 'value', execute: () => 'answer' }]);
    assert.equal(await policy.execute(() => Promise.reject(new Error('down'))), 'answer');
    assert.equal(await policy.execute(() => Promise.reject(new DOMException('late', 'TimeoutError'))), 'answer');
    assert.equal(await pipeline([policy, breaker]).execute(() => 1), 'answer');
    const unauthorized = Object.assign(new Error('unauthorized'), { status: 401 });
    assert.equal(await rejection(policy.execute(() => Promise.reject(unauthorized))), unauthorized);
  });

  it('lets a bug through that classify ignores', async () => {
    const bug = new TypeError('undefined is not a function');
    const calls = pipeline({
      classify: (outcome) => ('error' in outcome && outcome.error instanceof TypeError ? 'ignore' : undefined),
      fallback: [{ name: 'value', execute: () => 'answer' }],
      retry: { delay: 0 },
    });
    const work = () => Promise.reject((work.runs++, bug));
    work.runs = 0;
    assert.equal(await rejection(calls.execute(work)), bug);
    assert.equal(work.runs, 1);
  });
});

describe('pipeline({ classify })', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] }));
  afterEach(() => mock.timers.reset());

  const layers = () => {
    const parts = {
      fallback: fallback([{ name: 'value', execute: () => 'answer' }]),
      retry: retry({ attempts: 2, delay: 0 }),
      hedge: hedge({ idempotent: true }),
      shedLoad: shedLoad(),
      breaker: new CircuitBreaker({ failureThreshold: 100 }),
      adaptiveBulkhead: adaptiveBulkhead(),
    };
    const counts = () => [
      parts.retry.getStats().totalRetries,
      parts.hedge.getStats().totalFailures,
      parts.shedLoad.getStats().totalUnaccepted,
      parts.breaker.getStats().totalFailures,
      parts.adaptiveBulkhead.getStats().totalDropped,
    ];
    return { parts, counts };
  };

  for (const form of ['object', 'array', 'nested'] as const) {
    it(`is heard by every layer, and asked once for each outcome (${form})`, async () => {
      const { parts, counts } = layers();
      const asked: Outcome[] = [];
      const classify = (outcome: Outcome) => (asked.push(outcome), isBad(outcome));
      const all = Object.values(parts);
      const calls =
        form === 'object'
          ? pipeline({ ...parts, classify })
          : form === 'array'
            ? pipeline(all, { classify })
            : pipeline([pipeline(all, { classify })]);
      assert.deepEqual(await calls.tryExecute(() => bad, { key: 'key' }), {
        status: 'success',
        value: 'answer',
        source: 'fallback:value',
      });
      assert.deepEqual(counts(), [1, 2, 2, 2, 2]);
      assert.deepEqual(asked, [{ value: bad }, { value: bad }]);
      const error = { status: 401 };
      assert.equal(await rejection(calls.execute(() => Promise.reject(error))), error);
      assert.equal(asked.length, 3);
    });
  }

  it('is not heard by a layer with a classifier of its own', async () => {
    const breaker = new CircuitBreaker({ classify: () => 'ignore' });
    const picky = retry({ delay: 0, classify: () => 'success' });
    const calls = pipeline([picky, breaker], { classify: () => 'failure' });
    assert.equal(await calls.execute(() => 1), 1);
    assert.deepEqual([breaker.getStats().totalIgnored, picky.getStats().totalRetries], [1, 0]);
  });

  it('judges the errors of a breaker whose own isFailure judges values', async () => {
    const breaker = new CircuitBreaker({ isFailure: () => true, failureThreshold: 100 });
    const calls = pipeline([breaker], { classify: () => 'ignore' });
    await calls.execute(() => 1);
    await rejection(calls.execute(() => Promise.reject(new Error('down'))));
    const { totalFailures, totalIgnored } = breaker.getStats();
    assert.deepEqual([totalFailures, totalIgnored], [1, 1]);
  });

  it('holds in a nested pipeline without one, and not in a nested pipeline that has its own', async () => {
    const breakers = [0, 1].map(() => new CircuitBreaker({ failureThreshold: 100 })) as [
      CircuitBreaker,
      CircuitBreaker,
    ];
    const own = pipeline([breakers[1]], { classify: () => 'ignore' });
    const calls = pipeline([pipeline([breakers[0]]), own], { classify: () => 'failure' });
    await calls.execute(() => 1);
    assert.deepEqual([breakers[0].getStats().totalFailures, breakers[1].getStats().totalIgnored], [1, 1]);
  });

  it('does not stay with a breaker that is used without the pipeline', async () => {
    const breaker = new CircuitBreaker();
    await pipeline([breaker], { classify: () => 'failure' }).execute(() => 1);
    await breaker.execute(() => 1);
    const { totalFailures, totalSuccesses } = breaker.getStats();
    assert.deepEqual([totalFailures, totalSuccesses], [1, 1]);
  });

  it('takes isFailure as the short form for values', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 100 });
    const calls = pipeline({
      isFailure: (value: unknown) => value === bad,
      cache: { staleFor: 1_000 },
      retry: { attempts: 2, delay: 0 },
      breaker,
    });
    assert.equal(await calls.execute(returning(bad, good), { key: 'key' }), good);
    assert.deepEqual(await calls.tryExecute(() => bad, { key: 'key' }), {
      status: 'success',
      value: good,
      source: 'stale',
    });
    assert.equal(breaker.getStats().totalFailures, 3);
  });

  it('counts as a failure where it throws, and reports it once', async () => {
    const warnings: string[] = [];
    const listener = ({ message }: Error) => warnings.push(message);
    process.on('warning', listener);
    const { parts, counts } = layers();
    const calls = pipeline({
      ...parts,
      classify: () => {
        throw new Error('bug');
      },
    });
    for (let call = 0; call < 2; call++) assert.equal(await calls.execute(() => good, { key: 'key' }), 'answer');
    assert.deepEqual(counts(), [2, 4, 4, 4, 4]);
    await turn();
    process.off('warning', listener);
    assert.deepEqual(warnings, ['Policy adaptiveBulkhead: classify failed, the call counts as a failure: Error: bug']);
    assert.equal(parts.adaptiveBulkhead.getStats().predicateErrors, 4);
    assert.equal(parts.breaker.getStats().predicateErrors, 0);
  });

  it('rejects options that are no functions', () => {
    for (const option of ['classify', 'isFailure']) {
      for (const create of [
        () => pipeline([retry()], { [option]: 1 }),
        () => pipeline({ retry: {}, [option]: 1 } as never),
      ]) {
        assert.throws(create, { code: 'ERR_OPTIONS', message: new RegExp(`${option} must be a function`) });
      }
    }
  });
});
