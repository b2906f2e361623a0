import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import {
  CircuitBreaker,
  OptionsError,
  CallTimeoutError,
  CircuitOpenError,
  RetriesExhaustedError,
  pipeline,
  retry,
  timeout,
} from 'fusewire';
import type { CallContext, RetryContext } from 'fusewire';
import { deferred, rejection, runScript, thrown, turn } from './support.ts';
import { advance, NOW, recordWarnings, stats, timesOf } from './support-retry.ts';

describe('retry()', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW }));
  afterEach(() => mock.timers.reset());

  it('runs a call that succeeds once', async () => {
    const policy = retry();
    const value = { some: 'object' };
    assert.equal(await policy.execute(() => value), value);
    assert.equal(await policy.execute(async () => value), value);
    assert.deepEqual(policy.getStats(), stats({ totalCalls: 2, totalSuccesses: 2 }));
  });

  it('repeats a call that fails, and numbers the attempts', async () => {
    const policy = retry({ delay: 100 });
    const attempts: number[] = [];
    const call = policy.execute(({ attempt }) => {
      attempts.push(attempt);
      if (attempt === 2) throw new Error('thrown');
      return attempt < 3 ? Promise.reject(new Error('rejected')) : 'value';
    });
    assert.deepEqual(await timesOf(call, () => attempts.length, 300), [0, 100, 200]);
    assert.equal(await call, 'value');
    assert.deepEqual(attempts, [1, 2, 3]);
    assert.deepEqual(
      policy.getStats(),
      stats({ totalCalls: 1, totalSuccesses: 1, totalRetries: 2, totalRecovered: 1 }),
    );
  });

  it('rejects with the error of the last attempt', async () => {
    for (const error of [new Error('down'), 'text', 0, null, undefined, Object.freeze({ frozen: true })]) {
      const policy = retry({ delay: 0, attempts: 4 });
      let runs = 0;
      const failing = policy.execute(() => {
        runs++;
        return Promise.reject(error);
      });
      assert.equal(await rejection(failing), error);
      assert.equal(runs, 4);
      assert.deepEqual(
        policy.getStats(),
        stats({ totalCalls: 1, totalFailures: 1, totalRetries: 3, totalExhausted: 1 }),
      );
    }
  });

  it("rejects with the errors of all attempts for exhausted: 'all-errors'", async () => {
    const policy = retry({ name: 'orders', delay: 0, exhausted: 'all-errors' });
    const errors = [new Error('one'), 'two', undefined];
    const error = await rejection(policy.execute(({ attempt }) => Promise.reject(errors[attempt - 1])));
    assert.ok(error instanceof RetriesExhaustedError && error instanceof Error);
    assert.equal(error.message, 'Policy orders: all 3 attempts failed');
    assert.equal(error.name, 'RetriesExhaustedError');
    const { code, attempts, cause } = error;
    assert.deepEqual(
      { code, policy: error.policy, attempts, cause },
      { code: 'ERR_RETRIES_EXHAUSTED', policy: 'orders', attempts: 3, cause: undefined },
    );
    assert.deepEqual(error.errors, errors);
    const early = retry({ delay: 0, exhausted: 'all-errors', retryIf: () => false });
    assert.equal(await rejection(early.execute(() => Promise.reject(errors[0]))), errors[0]);
  });

  it('makes one attempt for attempts: 1', async () => {
    let runs = 0;
    await rejection(retry({ attempts: 1 }).execute(() => Promise.reject(runs++)));
    assert.equal(runs, 1);
  });

  it('repeats a call only if retryIf allows it', async () => {
    const asked: [unknown, RetryContext][] = [];
    const policy = retry({
      name: 'orders',
      delay: 0,
      attempts: 5,
      retryIf: (error, context) => {
        asked.push([error, context]);
        return error === 'busy';
      },
    });
    assert.equal(
      await rejection(policy.execute(({ attempt }) => Promise.reject(attempt < 3 ? 'busy' : 'gone'))),
      'gone',
    );
    assert.deepEqual(asked, [
      ['busy', { policy: 'orders', attempt: 1, outcome: { error: 'busy' } }],
      ['busy', { policy: 'orders', attempt: 2, outcome: { error: 'busy' } }],
      ['gone', { policy: 'orders', attempt: 3, outcome: { error: 'gone' } }],
    ]);
    assert.deepEqual(policy.getStats(), stats({ name: 'orders', totalCalls: 1, totalFailures: 1, totalRetries: 2 }));
  });

  it('rejects with the error of the call, without a repetition, where retryIf fails', async () => {
    const warnings = recordWarnings();
    for (const retryIf of [
      () => {
        throw new Error('bug');
      },
      async () => true,
      () => Promise.reject(new Error('asynchronous bug')),
      () => ({}),
    ]) {
      const policy = retry({ name: 'orders', delay: 0, retryIf: retryIf as never });
      const error = new Error('down');
      for (let call = 0; call < 2; call++)
        assert.equal(await rejection(policy.execute(() => Promise.reject(error))), error);
      assert.deepEqual(
        policy.getStats(),
        stats({ name: 'orders', totalCalls: 2, totalFailures: 2, predicateErrors: 2 }),
      );
    }
    await turn();
    assert.equal((await warnings()).filter((warning) => /Policy orders: retryIf failed/.test(warning)).length, 4);
  });

  it('repeats an idempotent call after an AbortError that the caller has not caused, unless retryIf forbids it', async () => {
    const error = new DOMException('given up', 'AbortError');
    let runs = 0;
    const failing = () => Promise.reject((runs++, error));
    assert.equal(await rejection(retry({ delay: 0, idempotent: true }).execute(failing)), error);
    assert.equal(runs, 3);
    await rejection(retry({ delay: 0, idempotent: true, retryIf: () => false }).execute(failing));
    assert.equal(runs, 4);
  });

  it('never repeats a call that an open circuit, or a policy inside, rejected', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 2, resetTimeout: 1_000 });
    const policy = retry({ delay: 0, attempts: 10, retryIf: () => true });
    const calls = pipeline([policy, breaker]);
    let runs = 0;
    const error = await rejection(calls.execute(() => Promise.reject(new Error(`attempt ${++runs}`))));
    assert.ok(error instanceof CircuitOpenError);
    assert.equal(runs, 2);
    assert.deepEqual(breaker.getStats().totalRejected, 1);
    breaker.dispose();
    await rejection(calls.execute(() => runs++));
    assert.equal(runs, 2);
    assert.equal(policy.getStats().totalRetries, 2);
  });

  it('has each attempt counted by the breaker inside and limited by the timeout inside', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 100 });
    const [total, each] = [timeout(40_000), timeout(50)];
    const signals: AbortSignal[] = [];
    const call = pipeline([total, retry({ delay: 10, idempotent: true }), breaker, each]).execute(({ signal }) => {
      signals.push(signal);
      return deferred().promise;
    });
    call.catch(() => undefined);
    for (let tick = 0; tick < 20; tick++) {
      mock.timers.tick(10);
      await turn();
    }
    const error = await rejection(call);
    assert.ok(error instanceof CallTimeoutError);
    assert.equal(signals.length, 3);
    assert.ok(signals.every(({ aborted }) => aborted));
    assert.equal(signals.at(-1)?.reason, error);
    assert.equal(breaker.getStats().totalFailures, 3);
    assert.equal(each.getStats().totalTimeouts, 3);
    assert.equal(total.getStats().totalTimeouts, 0);
  });

  it('ends with the timeout around it, also during a delay', async () => {
    const policy = retry({ delay: 1_000, attempts: 100 });
    let runs = 0;
    const call = pipeline([timeout(2_500), policy]).execute(() => Promise.reject(runs++));
    call.catch(() => undefined);
    await advance(2_400);
    assert.equal(runs, 3);
    await advance(100);
    assert.ok((await rejection(call)) instanceof CallTimeoutError);
    await advance(10_000);
    assert.equal(runs, 3);
    assert.equal(policy.getStats().inFlight, 0);
  });

  it('numbers the attempts of a nested retry from 1', async () => {
    const seen: number[] = [];
    const calls = pipeline([retry({ attempts: 2, delay: 0 }), retry({ attempts: 2, delay: 0 })], { checked: false });
    await rejection(calls.execute(({ attempt }) => Promise.reject(seen.push(attempt))));
    assert.deepEqual(seen, [1, 2, 1, 2]);
    assert.ok(thrown(() => pipeline([retry(), retry()])) instanceof OptionsError);
  });

  it('makes 20 000 attempts of one call', async () => {
    const policy = retry({ attempts: 20_000, delay: 0 });
    let runs = 0;
    await rejection(policy.execute(() => Promise.reject(runs++)));
    assert.equal(runs, 20_000);
  });
});

describe("the caller's signal", () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW }));
  afterEach(() => mock.timers.reset());

  it('ends a retry at once during a delay', async () => {
    const policy = retry({ delay: 10_000 });
    const controller = new AbortController();
    let runs = 0;
    const call = policy.execute(() => Promise.reject(runs++), { signal: controller.signal });
    await turn();
    assert.equal(policy.getStats().inFlight, 1);
    controller.abort('changed my mind');
    assert.equal(await rejection(call), 'changed my mind');
    await advance(20_000);
    assert.equal(runs, 1);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    assert.deepEqual(policy.getStats(), stats({ totalCalls: 1, totalFailures: 1 }));
  });

  for (const attempts of [1, 2]) {
    it(`ends a retry during attempt ${attempts}, whose error is not repeated`, async () => {
      const policy = retry({ delay: 10, retryIf: () => true });
      const controller = new AbortController();
      const contexts: CallContext[] = [];
      const works = [deferred(), deferred()] as const;
      const call = policy.execute(
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
      assert.equal(policy.getStats().inFlight, 0);
    });
  }

  it('ends a retry where retryIf aborts it', async () => {
    const controller = new AbortController();
    let runs = 0;
    const policy = retry({ delay: 0, retryIf: () => (controller.abort('now'), true) });
    assert.equal(await rejection(policy.execute(() => Promise.reject(runs++), { signal: controller.signal })), 'now');
    await turn();
    assert.equal(runs, 1);
    assert.equal(policy.getStats().inFlight, 0);
  });

  it('has no listener left after 1 000 repeated calls', async () => {
    const policy = retry({ delay: 0 });
    const { signal } = new AbortController();
    for (let call = 0; call < 1_000; call++) {
      await policy.execute(({ attempt }) => (attempt < 3 ? Promise.reject(call) : call), { signal });
    }
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });
});

describe('a process with retries', () => {
  it('stays alive during a delay, and gets no unhandled rejection', () => {
    const { status, stdout, stderr } = runScript(
      `
      import { pipeline, retry, timeout } from 'fusewire';
      const late = ({ signal }) => new Promise((_, reject) => {
        signal.addEventListener('abort', () => setImmediate(reject, new Error('late')));
      });
      const calls = pipeline([retry({ delay: 5 }), timeout(5)]);
      calls.execute(late).catch(({ code }) => console.log(code));
    `,
      '--unhandled-rejections=strict',
    );
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'ERR_CALL_TIMEOUT', stderr: '' });
  });

  it('has one timer for all waiting calls, and none at rest', () => {
    const { stdout } = runScript(`
      import { retry } from 'fusewire';
      const policy = retry({ attempts: 2, delay: { type: 'exponential', initial: 60_000 } });
      const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
      const leaving = new AbortController();
      const call = () => policy.execute(() => Promise.reject(1), { signal: leaving.signal }).catch(() => undefined);
      const calls = Array.from({ length: 100 }, call);
      await new Promise((resolve) => setImmediate(resolve));
      console.log(timers());
      leaving.abort();
      await Promise.all(calls);
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      console.log(timers());
    `);
    assert.equal(stdout, '1\n0');
  });
});
