import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import {
  BreakerRegistry,
  CircuitBreaker,
  isBreakerOptionsError,
  isCallTimeoutError,
  isCircuitOpenError,
  isRetriesExhaustedError,
  pipeline,
  retry,
  retryBudget,
  timeout,
} from 'fusewire';
import type { CallContext, Retry, RetryContext } from 'fusewire';
import { assertProblems, deferred, rejection, runScript, thrown, turn } from './support.ts';

const NOW = 1_700_000_000_000;

describe('a retry', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW }));
  afterEach(() => mock.timers.reset());

  it('leaves a call alone that succeeds', async () => {
    const again = retry();
    const value = { some: 'object' };
    assert.equal(await again.execute(() => value), value);
    assert.equal(await again.execute(async () => value), value);
    assert.deepEqual(again.getStats(), stats({ totalCalls: 2, totalSuccesses: 2 }));
  });

  it('repeats a call that fails, and says which attempt it is', async () => {
    const again = retry({ delay: 100 });
    const attempts: number[] = [];
    const call = again.execute(({ attempt }) => {
      attempts.push(attempt);
      if (attempt === 2) throw new Error('thrown');
      return attempt < 3 ? Promise.reject(new Error('rejected')) : 'value';
    });
    assert.deepEqual(await timesOf(call, () => attempts.length, 300), [0, 100, 200]);
    assert.equal(await call, 'value');
    assert.deepEqual(attempts, [1, 2, 3]);
    assert.deepEqual(again.getStats(), stats({ totalCalls: 1, totalSuccesses: 1, totalRetries: 2, totalRecovered: 1 }));
  });

  it('rejects with the very error of the last attempt', async () => {
    for (const error of [new Error('down'), 'text', 0, null, undefined, Object.freeze({ frozen: true })]) {
      const again = retry({ delay: 0, attempts: 4 });
      let runs = 0;
      const failing = again.execute(() => {
        runs++;
        return Promise.reject(error);
      });
      assert.equal(await rejection(failing), error);
      assert.equal(runs, 4);
      assert.deepEqual(
        again.getStats(),
        stats({ totalCalls: 1, totalFailures: 1, totalRetries: 3, totalExhausted: 1 }),
      );
    }
  });

  it('tells the errors of all attempts if it is asked to', async () => {
    const again = retry({ name: 'again', delay: 0, exhausted: 'all-errors' });
    const errors = [new Error('one'), 'two', undefined];
    const error = await rejection(again.execute(({ attempt }) => Promise.reject(errors[attempt - 1])));
    assert.ok(isRetriesExhaustedError(error) && error instanceof Error);
    assert.equal(error.message, 'Policy again: all 3 attempts failed');
    assert.equal(error.name, 'RetriesExhaustedError');
    const { code, policy, attempts, cause } = error;
    assert.deepEqual(
      { code, policy, attempts, cause },
      { code: 'ERETRIESEXHAUSTED', policy: 'again', attempts: 3, cause: undefined },
    );
    assert.deepEqual(error.errors, errors);
    const early = retry({ delay: 0, exhausted: 'all-errors', retryIf: () => false });
    assert.equal(await rejection(early.execute(() => Promise.reject(errors[0]))), errors[0]);
  });

  it('makes one attempt if that is all there are', async () => {
    let runs = 0;
    await rejection(retry({ attempts: 1 }).execute(() => Promise.reject(runs++)));
    assert.equal(runs, 1);
  });

  it('waits as its delay says', async () => {
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

  it('waits for a time that is left to chance, within its bounds', async () => {
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

  it('wakes each of many calls at a time of its own', async () => {
    const waits = Array.from({ length: 200 }, (_, index) => ((index * 7_919) % 997) + 1);
    const again = retry({ attempts: 2, delay: 0, maxRetryAfter: 10_000 });
    const woken: number[] = [];
    const controllers = waits.map(() => new AbortController());
    const calls = waits.map((wait, index) =>
      again.execute(
        ({ attempt }) => {
          if (attempt === 1) return Promise.reject(Object.assign(new Error('busy'), { retryAfter: wait }));
          assert.ok(Date.now() >= NOW + wait);
          woken.push(wait);
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
      woken.map((wait) => Math.ceil(wait / 10)),
      expected.map((wait) => Math.ceil(wait / 10)),
    );
  });

  it('asks whether a call is to be repeated', async () => {
    const asked: [unknown, RetryContext][] = [];
    const again = retry({
      name: 'again',
      delay: 0,
      attempts: 5,
      retryIf: (error, context) => {
        asked.push([error, context]);
        return error === 'busy';
      },
    });
    assert.equal(
      await rejection(again.execute(({ attempt }) => Promise.reject(attempt < 3 ? 'busy' : 'gone'))),
      'gone',
    );
    assert.deepEqual(asked, [
      ['busy', { policy: 'again', attempt: 1 }],
      ['busy', { policy: 'again', attempt: 2 }],
      ['gone', { policy: 'again', attempt: 3 }],
    ]);
    assert.deepEqual(again.getStats(), stats({ name: 'again', totalCalls: 1, totalFailures: 1, totalRetries: 2 }));
  });

  it('repeats nothing if the question fails, and hands over the error', async () => {
    const warnings = warningsOf();
    for (const retryIf of [
      () => {
        throw new Error('bug');
      },
      async () => true,
      () => Promise.reject(new Error('asynchronous bug')),
      () => ({}),
    ]) {
      const again = retry({ name: 'again', delay: 0, retryIf: retryIf as never });
      const error = new Error('down');
      for (let call = 0; call < 2; call++)
        assert.equal(await rejection(again.execute(() => Promise.reject(error))), error);
      assert.deepEqual(again.getStats(), stats({ name: 'again', totalCalls: 2, totalFailures: 2, predicateErrors: 2 }));
    }
    await turn();
    assert.equal((await warnings()).filter((warning) => /Policy again: retryIf failed/.test(warning)).length, 4);
  });

  it('does not repeat an AbortError, unless it is told to', async () => {
    const error = new DOMException('given up', 'AbortError');
    let runs = 0;
    const failing = () => Promise.reject((runs++, error));
    assert.equal(await rejection(retry({ delay: 0 }).execute(failing)), error);
    assert.equal(runs, 1);
    await rejection(retry({ delay: 0, retryIf: () => true }).execute(failing));
    assert.equal(runs, 4);
  });

  it('never repeats what an open circuit, or a policy inside, has not admitted', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 2, resetTimeout: 1_000 });
    const again = retry({ delay: 0, attempts: 10, retryIf: () => true });
    const calls = pipeline([again, breaker]);
    let runs = 0;
    const error = await rejection(calls.execute(() => Promise.reject(new Error(`attempt ${++runs}`))));
    assert.ok(isCircuitOpenError(error));
    assert.equal(runs, 2);
    assert.deepEqual(breaker.getStats().totalRejected, 1);
    breaker.dispose();
    await rejection(calls.execute(() => runs++));
    assert.equal(runs, 2);
    assert.equal(again.getStats().totalRetries, 2);
  });

  it('has each attempt admitted and counted by the breaker inside, and timed by the timeout there', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 100 });
    const [total, each] = [timeout(40_000), timeout(50)];
    const signals: AbortSignal[] = [];
    const call = pipeline([total, retry({ delay: 10 }), breaker, each]).execute(({ signal }) => {
      signals.push(signal);
      return deferred().promise;
    });
    call.catch(() => undefined);
    for (let tick = 0; tick < 20; tick++) {
      mock.timers.tick(10);
      await turn();
    }
    const error = await rejection(call);
    assert.ok(isCallTimeoutError(error));
    assert.equal(signals.length, 3);
    assert.ok(signals.every(({ aborted }) => aborted));
    assert.equal(signals.at(-1)?.reason, error);
    assert.equal(breaker.getStats().totalFailures, 3);
    assert.equal(each.getStats().totalTimeouts, 3);
    assert.equal(total.getStats().totalTimeouts, 0);
  });

  it('ends with the timeout around it, also while it sleeps', async () => {
    const again = retry({ delay: 1_000, attempts: 100 });
    let runs = 0;
    const call = pipeline([timeout(2_500), again]).execute(() => Promise.reject(runs++));
    call.catch(() => undefined);
    await advance(2_400);
    assert.equal(runs, 3);
    await advance(100);
    assert.ok(isCallTimeoutError(await rejection(call)));
    await advance(10_000);
    assert.equal(runs, 3);
    assert.equal(again.getStats().inFlight, 0);
  });

  it('numbers the attempts of a retry inside by themselves', async () => {
    const seen: number[] = [];
    const calls = pipeline([retry({ attempts: 2, delay: 0 }), retry({ attempts: 2, delay: 0 })], { checked: false });
    await rejection(calls.execute(({ attempt }) => Promise.reject(seen.push(attempt))));
    assert.deepEqual(seen, [1, 2, 1, 2]);
    assert.ok(isBreakerOptionsError(thrown(() => pipeline([retry(), retry()]))));
  });

  it('lets many attempts pass without growing', async () => {
    const again = retry({ attempts: 20_000, delay: 0 });
    let runs = 0;
    await rejection(again.execute(() => Promise.reject(runs++)));
    assert.equal(runs, 20_000);
  });
});

describe("the caller's signal and a retry", () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW }));
  afterEach(() => mock.timers.reset());

  it('end together at once while it sleeps', async () => {
    const again = retry({ delay: 10_000 });
    const controller = new AbortController();
    let runs = 0;
    const call = again.execute(() => Promise.reject(runs++), { signal: controller.signal });
    await turn();
    assert.equal(again.getStats().inFlight, 1);
    controller.abort('changed my mind');
    assert.equal(await rejection(call), 'changed my mind');
    await advance(20_000);
    assert.equal(runs, 1);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    assert.deepEqual(again.getStats(), stats({ totalCalls: 1, totalFailures: 1 }));
  });

  for (const attempts of [1, 2]) {
    it(`end together during attempt ${attempts}, whose error is not repeated`, async () => {
      const again = retry({ delay: 10, retryIf: () => true });
      const controller = new AbortController();
      const contexts: CallContext[] = [];
      const works = [deferred(), deferred()] as const;
      const call = again.execute(
        (context) => {
          contexts.push(context);
          return (works[contexts.length - 1] as (typeof works)[0]).promise;
        },
        { signal: controller.signal },
      );
      if (attempts === 2) {
        works[0].reject(new Error('down'));
        await advance(10);
      }
      assert.equal(contexts.length, attempts);
      assert.equal(contexts.at(-1)?.attempt, attempts);
      controller.abort('changed my mind');
      assert.equal(await rejection(call), 'changed my mind');
      assert.equal(contexts.at(-1)?.signal.reason, 'changed my mind');
      (works[attempts - 1] as (typeof works)[0]).reject(new Error('torn down'));
      await advance(1_000);
      assert.equal(contexts.length, attempts);
      assert.equal(again.getStats().inFlight, 0);
    });
  }

  it('end together even if the question aborts', async () => {
    const controller = new AbortController();
    let runs = 0;
    const again = retry({ delay: 0, retryIf: () => (controller.abort('now'), true) });
    assert.equal(await rejection(again.execute(() => Promise.reject(runs++), { signal: controller.signal })), 'now');
    await turn();
    assert.equal(runs, 1);
    assert.equal(again.getStats().inFlight, 0);
  });

  it('part after 1 000 calls that were repeated', async () => {
    const again = retry({ delay: 0 });
    const { signal } = new AbortController();
    for (let call = 0; call < 1_000; call++) {
      await again.execute(({ attempt }) => (attempt < 3 ? Promise.reject(call) : call), { signal });
    }
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });
});

describe('Retry-After', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW }));
  afterEach(() => mock.timers.reset());

  const inSeconds = (seconds: number) => new Date(NOW + seconds * 1_000).toUTCString();
  for (const [what, error, expected] of [
    ['milliseconds of the error', { retryAfter: 1_234 }, 1_234],
    ['seconds of its response', { response: new Response(null, { headers: { 'retry-after': '2' } }) }, 2_000],
    ['seconds of its headers', { headers: new Headers({ 'Retry-After': ' 3 ' }) }, 3_000],
    ['seconds of plain headers', { response: { headers: { 'retry-after': '4' } } }, 4_000],
    ['a number of plain headers', { headers: { 'Retry-After': 5 } }, 5_000],
    ['a date', { headers: { 'retry-after': inSeconds(6) } }, 6_000],
    ['a date of RFC 850', { headers: { 'retry-after': 'Tuesday, 14-Nov-23 22:13:27 GMT' } }, 7_000],
    ['a date of asctime', { headers: { 'retry-after': 'Tue Nov 14 22:13:28 2023' } }, 8_000],
    ['a date that is over', { headers: { 'retry-after': inSeconds(-60) } }, 10],
    ['less than the delay', { retryAfter: 5 }, 10],
    ['more than is waited for', { retryAfter: 3_600_000 }, 30_000],
    ['nothing', {}, 10],
    ['words', { headers: { 'retry-after': 'soon 5' } }, 10],
    ['an empty header', { headers: { 'retry-after': '' } }, 10],
    ['no number', { retryAfter: '7' }, 10],
    ['null', { response: null, headers: null }, 10],
  ] as const) {
    it(`is read: ${what}`, async () => {
      assert.equal(await waitAfter(retry({ delay: 10 }), error), expected);
    });
  }

  it('that is no time keeps the usual delay, and is reported', async () => {
    const again = retry({ delay: 10 });
    for (const retryAfter of [-1, Number.NaN]) assert.equal(await waitAfter(again, { retryAfter }), 10);
    assert.equal(again.getStats().predicateErrors, 2);
  });

  it('is cut to a time of choice, read by a function of choice, or not read', async () => {
    assert.equal(await waitAfter(retry({ delay: 10, maxRetryAfter: 500 }), { retryAfter: 1_000 }), 500);
    assert.equal(await waitAfter(retry({ delay: 10, maxRetryAfter: 0 }), { retryAfter: 1_000 }), 10);
    assert.equal(await waitAfter(retry({ delay: 10, retryAfter: false }), { retryAfter: 1_000 }), 10);
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

describe('a retry budget', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW }));
  afterEach(() => mock.timers.reset());

  it('lets policies that share it repeat a share of all their calls', async () => {
    const budget = retryBudget({ share: 0.1, minimumPerSecond: 0 });
    const policies = [retry({ delay: 0, budget }), retry({ delay: 0, budget, attempts: 2 })] as const;
    let runs = 0;
    const error = new Error('down');
    for (let call = 0; call < 100; call++) {
      const policy = policies[call % 2 === 0 ? 0 : 1];
      assert.equal(await rejection(policy.execute(() => Promise.reject((runs++, error)))), error);
    }
    assert.equal(runs, 110);
    const [one, other] = policies.map((policy) => policy.getStats());
    assert.ok(one !== undefined && other !== undefined);
    assert.equal(one.totalRetries + other.totalRetries, 10);
    assert.equal(one.totalOverBudget + one.totalExhausted + other.totalOverBudget + other.totalExhausted, 100);
    const { name, calls, added, balance, totalGranted, totalRefused } = budget.getStats();
    assert.deepEqual(
      { name, calls, added, balance, totalGranted, totalRefused },
      {
        name: 'retryBudget',
        calls: 100,
        added: 10,
        balance: 0,
        totalGranted: 10,
        totalRefused: one.totalOverBudget + other.totalOverBudget,
      },
    );
  });

  it('lets few calls be repeated too', async () => {
    const budget = retryBudget();
    const again = retry({ delay: 0, budget });
    assert.equal(await again.execute(({ attempt }) => (attempt < 3 ? Promise.reject(attempt) : 'value')), 'value');
  });

  it('can be handed out by a registry', () => {
    const budget = retryBudget();
    assert.equal(new BreakerRegistry({ retryBudget: budget }).retryBudget, budget);
    assert.equal(new BreakerRegistry().retryBudget, undefined);
    const error = thrown(() => new BreakerRegistry({ retryBudget: {} as never }));
    assert.match(error.message, /retryBudget must be a budget made by retryBudget/);
  });

  for (const [options, problems] of [
    [
      { share: -1, minimumPerSecond: 'x', window: 0, other: 1, name: '' },
      ['minimumPerSecond', 'name', 'other', 'share', 'window'],
    ],
    [null, ['options']],
    [1, ['options']],
  ] as const) {
    it(`is refused: ${JSON.stringify(options)}`, () => assertProblems(() => retryBudget(options as never), problems));
  }
});

describe('the options of a retry', () => {
  for (const [options, problems] of [
    [{ attempts: 0 }, ['attempts']],
    [{ attempts: 1.5 }, ['attempts']],
    [{ attempts: '3' }, ['attempts']],
    [{ delay: -1 }, ['delay']],
    [{ delay: Number.NaN }, ['delay']],
    [{ delay: '1' }, ['delay']],
    [{ delay: { type: 'exponential', factor: 'x', base: 1 } }, ['delay.base', 'delay.factor']],
    [{ delay: { type: 'constant', delay: -1 } }, ['delay.delay']],
    [
      {
        attempts: -1,
        retryIf: true,
        retryAfter: 5,
        maxRetryAfter: -1,
        budget: {},
        exhausted: 'all',
        name: 1,
        tries: 3,
      },
      ['attempts', 'budget', 'exhausted', 'maxRetryAfter', 'name', 'retryAfter', 'retryIf', 'tries'],
    ],
    [{ attempts: 0, delay: { type: 'constant', delay: 'x' } }, ['attempts', 'delay.delay']],
    [null, ['options']],
    [3, ['options']],
  ] as const) {
    it(`are refused: ${JSON.stringify(options)}`, () => assertProblems(() => retry(options as never), problems));
  }

  it('are told as they were given', () => {
    assert.equal(
      thrown(() => retry({ name: 'again', attempts: 0 })).message,
      'Policy again: attempts must be a whole number from 1 to 1000000, got 0',
    );
  });
});

describe('a process with a retry', () => {
  it('waits while a call sleeps, and is told of no rejection but its own', () => {
    const { status, stdout, stderr } = runScript(
      `
      import { pipeline, retry, timeout } from 'fusewire';
      const late = () => new Promise((_, reject) => setTimeout(reject, 20, new Error('late')));
      const calls = pipeline([retry({ delay: 5 }), timeout(5)]);
      calls.execute(late).catch(({ code }) => console.log(code));
    `,
      '--unhandled-rejections=strict',
    );
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'ECALLTIMEOUT', stderr: '' });
  });

  it('sets one timer for all calls that sleep, and none at rest', () => {
    const { stdout } = runScript(`
      import { retry } from 'fusewire';
      const again = retry({ attempts: 2, delay: { type: 'exponential', initial: 20 } });
      const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
      const calls = Array.from({ length: 100 }, () => again.execute(() => Promise.reject(1)).catch(() => undefined));
      await new Promise((resolve) => setImmediate(resolve));
      console.log(timers());
      await Promise.all(calls);
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      console.log(timers());
    `);
    assert.equal(stdout, '1\n0');
  });
});

function stats(different: Partial<ReturnType<Retry['getStats']>>): ReturnType<Retry['getStats']> {
  return {
    name: 'retry',
    totalCalls: 0,
    totalSuccesses: 0,
    totalFailures: 0,
    inFlight: 0,
    totalRetries: 0,
    totalRecovered: 0,
    totalExhausted: 0,
    totalOverBudget: 0,
    predicateErrors: 0,
    ...different,
  };
}

async function advance(milliseconds: number): Promise<void> {
  await turn();
  for (let time = 0; time < milliseconds; time += 10) {
    mock.timers.tick(10);
    await turn();
  }
}

/** When each run began, in milliseconds from now. */
async function timesOf(call: Promise<unknown>, runs: () => number, until: number): Promise<number[]> {
  call.catch(() => undefined);
  const times: number[] = [];
  for (let time = 0; time <= until; time++) {
    await turn();
    while (times.length < runs()) times.push(time);
    mock.timers.tick(1);
  }
  return times;
}

/** How long a call that failed with `error` waits for its second attempt. */
async function waitAfter(again: Retry, error: object): Promise<number> {
  let repeated: number | undefined;
  const begun = Date.now();
  const call = again.execute(({ attempt }) => {
    if (attempt > 1) return (repeated = Date.now() - begun);
    return Promise.reject(Object.assign(new Error('busy'), error));
  });
  await turn();
  for (const step of [5, 5, 290, 200, 500, 234]) {
    mock.timers.tick(step);
    await turn();
  }
  for (let time = 1_234; repeated === undefined && time < 40_000; time++) {
    mock.timers.tick(1);
    await turn();
  }
  await call;
  return repeated as number;
}

/** The warnings of the process from now until it is asked for them. */
function warningsOf(): () => Promise<string[]> {
  const messages: string[] = [];
  const listener = ({ message }: Error) => messages.push(message);
  process.on('warning', listener);
  return async () => {
    await turn();
    process.off('warning', listener);
    return messages;
  };
}
