import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { CircuitBreaker, OptionsError, CallTimeoutError, pipeline, timeout } from 'fusewire';
import type { CallContext } from 'fusewire';
import { deferred, rejection, runScript, thrown, turn } from './support.ts';

describe('timeout()', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('rejects the call and aborts the work when the time has passed', async () => {
    const policy = timeout({ timeout: 2_000, name: 'orders' });
    const work = deferred();
    let context: CallContext | undefined;
    const call = policy.execute((received) => {
      context = received;
      assert.equal(received.signal.aborted, false);
      return work.promise;
    });
    mock.timers.tick(1_999);
    await turn();
    assert.deepEqual(policy.getStats(), { name: 'orders', totalCalls: 1, totalTimeouts: 0, overrunning: 0 });
    mock.timers.tick(1);
    const error = await rejection(call);
    assert.ok(error instanceof CallTimeoutError && error instanceof Error);
    assert.equal(error.message, 'Policy orders timeout after 2000ms');
    assert.equal(error.breaker, 'orders');
    assert.equal(context?.signal.reason, error);
    assert.deepEqual(policy.getStats(), { name: 'orders', totalCalls: 1, totalTimeouts: 1, overrunning: 1 });
    work.reject(new Error('nobody waits for this'));
    await turn();
    assert.deepEqual(policy.getStats(), { name: 'orders', totalCalls: 1, totalTimeouts: 1, overrunning: 0 });
  });

  it('does not change work that settles in time', async () => {
    const policy = timeout(50);
    const error = new Error('down');
    assert.equal(await policy.execute(() => 1), 1);
    assert.equal(await rejection(policy.execute(() => Promise.reject(error))), error);
    const work = deferred<number>();
    let context: CallContext | undefined;
    const call = policy.execute((received) => {
      context = received;
      return work.promise;
    });
    mock.timers.tick(49);
    work.resolve(2);
    assert.equal(await call, 2);
    mock.timers.tick(100);
    assert.equal(context?.signal.aborted, false);
    assert.equal(policy.getStats().totalTimeouts, 0);
  });

  it('waits, if cooperative, for the work whose signal it has aborted', async () => {
    const policy = timeout({ timeout: 50, strategy: 'cooperative' });
    const works = [deferred(), deferred(), deferred()] as const;
    const signals: AbortSignal[] = [];
    const settled: unknown[] = [];
    const calls = works.map(({ promise }) =>
      policy.execute(({ signal }) => {
        signals.push(signal);
        return promise;
      }),
    );
    for (const call of calls) call.finally(() => settled.push(call)).catch(() => undefined);
    mock.timers.tick(50);
    await turn();
    assert.ok(signals.every(({ reason }) => reason instanceof CallTimeoutError));
    assert.deepEqual(settled, []);
    assert.deepEqual(policy.getStats(), { name: 'timeout', totalCalls: 3, totalTimeouts: 3, overrunning: 3 });
    works[0].resolve('all the same');
    works[1].reject(new Error('gave up'));
    assert.equal(await calls[0], 'all the same');
    assert.equal(await rejection(calls[1] as Promise<unknown>), signals[1]?.reason);
    assert.equal(policy.getStats().overrunning, 1);
    works[2].resolve(1);
    await calls[2];
    assert.equal(policy.getStats().overrunning, 0);
  });

  it("rejects at once, if cooperative, on the caller's abort", async () => {
    const policy = timeout({ timeout: 50, strategy: 'cooperative' });
    const controller = new AbortController();
    const call = policy.execute(() => deferred().promise, { signal: controller.signal });
    mock.timers.tick(50);
    controller.abort('enough');
    assert.equal(await rejection(call), 'enough');
  });

  it('counts work that still runs behind a breaker', async () => {
    const policy = timeout(50);
    const breaker = new CircuitBreaker({ timeout: false });
    const work = deferred();
    const call = pipeline([policy, breaker], { checked: false }).execute(() => work.promise);
    mock.timers.tick(50);
    assert.ok((await rejection(call)) instanceof CallTimeoutError);
    await turn();
    assert.equal(breaker.getStats().totalTimeouts, 1);
    assert.equal(policy.getStats().overrunning, 1);
    work.resolve(1);
    await turn();
    assert.equal(policy.getStats().overrunning, 0);
  });

  it('counts as a timeout inside a breaker and around one', async () => {
    const breaker = new CircuitBreaker({ timeout: false });
    const emitted: unknown[] = [];
    breaker.on('timeout', ({ error }) => emitted.push(error));
    const inside = pipeline([breaker, timeout(50)]).execute(() => deferred().promise);
    const around = pipeline([timeout(60), breaker], { checked: false }).execute(() => deferred().promise);
    mock.timers.tick(60);
    for (const call of [inside, around]) assert.ok((await rejection(call)) instanceof CallTimeoutError);
    const { totalFailures, totalTimeouts, totalIgnored, inFlight, lastError } = breaker.getStats();
    assert.deepEqual(
      { totalFailures, totalTimeouts, totalIgnored, inFlight },
      { totalFailures: 2, totalTimeouts: 2, totalIgnored: 0, inFlight: 0 },
    );
    assert.deepEqual(emitted, [await rejection(around), await rejection(inside)]);
    assert.equal(lastError?.code, 'ERR_CALL_TIMEOUT');
  });

  it('counts neither way inside a breaker whose classify() ignores timeouts', async () => {
    const breaker = new CircuitBreaker({
      classify: (outcome) => ('error' in outcome && outcome.error instanceof CallTimeoutError ? 'ignore' : undefined),
    });
    const call = pipeline([breaker, timeout(50)]).execute(() => deferred().promise);
    mock.timers.tick(50);
    await rejection(call);
    const { totalTimeouts, totalIgnored } = breaker.getStats();
    assert.deepEqual({ totalTimeouts, totalIgnored }, { totalTimeouts: 0, totalIgnored: 1 });
  });

  it('rejects with the error of the timeout that is due first', async () => {
    const [outer, inner] = [timeout({ timeout: 100, name: 'total' }), timeout({ timeout: 50, name: 'attempt' })];
    const call = pipeline([outer, inner]).execute(() => deferred().promise);
    mock.timers.tick(50);
    const error = await rejection(call);
    assert.ok(error instanceof CallTimeoutError && error.breaker === 'attempt');
    mock.timers.tick(100);
    await turn();
    assert.equal(outer.getStats().totalTimeouts, 0);
  });

  it('ends each of many calls at its own deadline', async () => {
    const policy = timeout(100);
    const ended: number[] = [];
    for (let start = 0; start < 5; start++) {
      policy.execute(() => deferred().promise).catch(() => ended.push(start));
      mock.timers.tick(10);
    }
    mock.timers.tick(50);
    await turn();
    assert.deepEqual(ended, [0]);
    mock.timers.tick(20);
    await turn();
    assert.deepEqual(ended, [0, 1, 2]);
    mock.timers.tick(20);
    await turn();
    assert.deepEqual(ended, [0, 1, 2, 3, 4]);
  });
});

describe('timeout() with wrong options', () => {
  for (const [options, problems] of [
    [0, { timeout: 'range' }],
    [-1, { timeout: 'range' }],
    [Number.NaN, { timeout: 'range' }],
    [2_147_483_648, { timeout: 'range' }],
    [{}, { timeout: 'missing' }],
    [{ timeout: '1' }, { timeout: 'type' }],
    [
      { timeout: 0, strategy: 'polite', name: 1, after: 5 },
      { timeout: 'range', strategy: 'range', name: 'type', after: 'unknown' },
    ],
    [{ timeout: 1, strategy: 1 }, { strategy: 'type' }],
    [undefined, { options: 'type' }],
    [null, { options: 'type' }],
    ['1', { options: 'type' }],
    [[], { options: 'type' }],
  ] as const) {
    it(`throws for ${JSON.stringify(options) ?? 'undefined'}`, () => {
      const error = thrown(() => timeout(options as never));
      assert.ok(error instanceof OptionsError, `${error}`);
      assert.deepEqual(Object.fromEntries(error.problems.map(({ option, kind }) => [option, kind])), problems);
    });
  }

  it('names the policy, the option and the value', () => {
    assert.equal(
      thrown(() => timeout({ timeout: 0, name: 'orders' })).message,
      'Policy orders: timeout must be a number of milliseconds from 1 to 2147483647, got 0',
    );
  });
});

describe('a process with timeouts', () => {
  it('exits when its calls have settled', () => {
    const { status, stdout, stderr } = runScript(`
      import { timeout } from 'fusewire';
      const begun = performance.now();
      console.log(await timeout(60_000).execute(async () => 'done'));
      process.on('exit', () => console.log(performance.now() - begun < 30_000));
    `);
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'done\ntrue', stderr: '' });
  });

  it('gets no unhandled rejection from work that rejects after its timeout', () => {
    const { status, stdout, stderr } = runScript(
      `
      import { pipeline, timeout } from 'fusewire';
      let rejections = 0;
      const late = ({ signal }) => new Promise((_, reject) => {
        signal.addEventListener('abort', () => setImmediate(() => reject(new Error('late ' + ++rejections))));
      });
      await timeout(5).execute(late).catch(({ code }) => console.log(code));
      await pipeline([timeout(10), timeout(5)]).execute(late).catch(({ code }) => console.log(code));
      while (rejections < 2) await new Promise(setImmediate);
      await new Promise(setImmediate);
    `,
      '--unhandled-rejections=strict',
    );
    assert.deepEqual(
      { status, stdout, stderr },
      { status: 0, stdout: 'ERR_CALL_TIMEOUT\nERR_CALL_TIMEOUT', stderr: '' },
    );
  });
});
