import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { CircuitBreaker, isBreakerOptionsError, isCallTimeoutError, pipeline, timeout } from 'fusewire';
import type { CallContext } from 'fusewire';
import { deferred, rejection, runScript, thrown, turn } from './support.ts';

describe('a timeout', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('tells the caller and the work when the time is over', async () => {
    const patience = timeout({ timeout: 2_000, name: 'patience' });
    const work = deferred();
    let context: CallContext | undefined;
    const call = patience.execute((given) => {
      context = given;
      assert.equal(given.signal.aborted, false);
      return work.promise;
    });
    mock.timers.tick(1_999);
    await turn();
    assert.deepEqual(patience.getStats(), { name: 'patience', totalCalls: 1, totalTimeouts: 0, overrunning: 0 });
    mock.timers.tick(1);
    const error = await rejection(call);
    assert.ok(isCallTimeoutError(error) && error instanceof Error);
    assert.equal(error.message, 'Policy patience timeout after 2000ms');
    assert.equal(error.breaker, 'patience');
    assert.equal(context?.signal.reason, error);
    assert.deepEqual(patience.getStats(), { name: 'patience', totalCalls: 1, totalTimeouts: 1, overrunning: 1 });
    work.reject(new Error('nobody waits for this'));
    await turn();
    assert.deepEqual(patience.getStats(), { name: 'patience', totalCalls: 1, totalTimeouts: 1, overrunning: 0 });
  });

  it('leaves work alone that is done in time', async () => {
    const patience = timeout(50);
    const error = new Error('down');
    assert.equal(await patience.execute(() => 1), 1);
    assert.equal(await rejection(patience.execute(() => Promise.reject(error))), error);
    const work = deferred<number>();
    let context: CallContext | undefined;
    const call = patience.execute((given) => {
      context = given;
      return work.promise;
    });
    mock.timers.tick(49);
    work.resolve(2);
    assert.equal(await call, 2);
    mock.timers.tick(100);
    assert.equal(context?.signal.aborted, false);
    assert.equal(patience.getStats().totalTimeouts, 0);
  });

  it('that is cooperative waits for the work, which is told by its signal', async () => {
    const patience = timeout({ timeout: 50, strategy: 'cooperative' });
    const works = [deferred(), deferred(), deferred()] as const;
    const signals: AbortSignal[] = [];
    const settled: unknown[] = [];
    const calls = works.map(({ promise }) =>
      patience.execute(({ signal }) => {
        signals.push(signal);
        return promise;
      }),
    );
    for (const call of calls) call.finally(() => settled.push(call)).catch(() => undefined);
    mock.timers.tick(50);
    await turn();
    assert.ok(signals.every(({ reason }) => isCallTimeoutError(reason)));
    assert.deepEqual(settled, []);
    assert.deepEqual(patience.getStats(), { name: 'timeout', totalCalls: 3, totalTimeouts: 3, overrunning: 3 });
    works[0].resolve('all the same');
    works[1].reject(new Error('gave up'));
    assert.equal(await calls[0], 'all the same');
    assert.equal(await rejection(calls[1] as Promise<unknown>), signals[1]?.reason);
    assert.equal(patience.getStats().overrunning, 1);
    works[2].resolve(1);
    await calls[2];
    assert.equal(patience.getStats().overrunning, 0);
  });

  it("that is cooperative gives way to the caller's abort", async () => {
    const patience = timeout({ timeout: 50, strategy: 'cooperative' });
    const controller = new AbortController();
    const call = patience.execute(() => deferred().promise, { signal: controller.signal });
    mock.timers.tick(50);
    controller.abort('enough');
    assert.equal(await rejection(call), 'enough');
  });

  it('counts work that goes on behind a breaker that has been told', async () => {
    const patience = timeout(50);
    const breaker = new CircuitBreaker({ timeout: false });
    const work = deferred();
    const call = pipeline([patience, breaker], { checked: false }).execute(() => work.promise);
    mock.timers.tick(50);
    assert.ok(isCallTimeoutError(await rejection(call)));
    await turn();
    assert.equal(breaker.getStats().totalIgnored, 1);
    assert.equal(patience.getStats().overrunning, 1);
    work.resolve(1);
    await turn();
    assert.equal(patience.getStats().overrunning, 0);
  });

  it('inside of a breaker counts as a timeout of it, around it as neither', async () => {
    const breaker = new CircuitBreaker({ timeout: false });
    const told: unknown[] = [];
    breaker.on('timeout', ({ error }) => told.push(error));
    const inside = pipeline([breaker, timeout(50)]).execute(() => deferred().promise);
    const around = pipeline([timeout(60), breaker], { checked: false }).execute(() => deferred().promise);
    mock.timers.tick(60);
    for (const call of [inside, around]) assert.ok(isCallTimeoutError(await rejection(call)));
    const { totalFailures, totalTimeouts, totalIgnored, inFlight, lastError } = breaker.getStats();
    assert.deepEqual(
      { totalFailures, totalTimeouts, totalIgnored, inFlight },
      { totalFailures: 1, totalTimeouts: 1, totalIgnored: 1, inFlight: 0 },
    );
    assert.deepEqual(told, [await rejection(inside)]);
    assert.equal(lastError, told[0]);
  });

  it('inside of a breaker that is told to ignore timeouts counts neither way', async () => {
    const breaker = new CircuitBreaker({ classify: (error) => (isCallTimeoutError(error) ? 'ignore' : undefined) });
    const call = pipeline([breaker, timeout(50)]).execute(() => deferred().promise);
    mock.timers.tick(50);
    await rejection(call);
    const { totalTimeouts, totalIgnored } = breaker.getStats();
    assert.deepEqual({ totalTimeouts, totalIgnored }, { totalTimeouts: 0, totalIgnored: 1 });
  });

  it('of several is each the one that comes first', async () => {
    const [outer, inner] = [timeout({ timeout: 100, name: 'total' }), timeout({ timeout: 50, name: 'attempt' })];
    const call = pipeline([outer, inner]).execute(() => deferred().promise);
    mock.timers.tick(50);
    const error = await rejection(call);
    assert.ok(isCallTimeoutError(error) && error.breaker === 'attempt');
    mock.timers.tick(100);
    await turn();
    assert.equal(outer.getStats().totalTimeouts, 0);
  });

  it('ends each of many calls at its own time', async () => {
    const patience = timeout(100);
    const ended: number[] = [];
    for (let start = 0; start < 5; start++) {
      patience.execute(() => deferred().promise).catch(() => ended.push(start));
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

describe('the options of a timeout', () => {
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
    it(`are refused: ${JSON.stringify(options) ?? 'undefined'}`, () => {
      const error = thrown(() => timeout(options as never));
      assert.ok(isBreakerOptionsError(error), `${error}`);
      assert.deepEqual(Object.fromEntries(error.problems.map(({ option, kind }) => [option, kind])), problems);
    });
  }

  it('are told as they were given', () => {
    assert.equal(
      thrown(() => timeout({ timeout: 0, name: 'patience' })).message,
      'Policy patience: timeout must be a number of milliseconds from 1 to 2147483647, got 0',
    );
  });
});

describe('a process', () => {
  it('does not outlive its calls under a timeout', () => {
    const { status, stdout, stderr } = runScript(`
      import { timeout } from 'fusewire';
      const begun = performance.now();
      console.log(await timeout(60_000).execute(async () => 'done'));
      process.on('exit', () => console.log(performance.now() - begun < 30_000));
    `);
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'done\ntrue', stderr: '' });
  });

  it('is not told of work that rejects after its timeout', () => {
    const { status, stdout, stderr } = runScript(
      `
      import { pipeline, timeout } from 'fusewire';
      const late = () => new Promise((_, reject) => setTimeout(reject, 20, new Error('late')));
      await timeout(5).execute(late).catch(({ code }) => console.log(code));
      await pipeline([timeout(10), timeout(5)]).execute(late).catch(({ code }) => console.log(code));
      await new Promise((resolve) => setTimeout(resolve, 50));
    `,
      '--unhandled-rejections=strict',
    );
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'ECALLTIMEOUT\nECALLTIMEOUT', stderr: '' });
  });
});
