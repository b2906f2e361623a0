import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { CircuitBreaker, hedge, OptionsError, CallTimeoutError, pipeline, retryBudget, timeout } from 'fusewire';
import type { CallContext, Hedge } from 'fusewire';
import { assertProblems, deferred, rejection, runScript, turn } from './support.ts';
import type { Deferred } from './support.ts';

describe('hedge()', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('starts no copy of a fast call', async () => {
    const policy = hedge({ delay: 100, idempotent: true });
    const work = new Copies();
    const call = policy.execute(work.run);
    mock.timers.tick(99);
    work.at(0).resolve('value');
    assert.equal(await call, 'value');
    mock.timers.tick(1_000);
    await turn();
    assert.equal(work.contexts.length, 1);
    assert.deepEqual(policy.getStats(), stats({ totalCalls: 1, totalSuccesses: 1, delay: 100 }));
  });

  for (const winner of [0, 1]) {
    it(`settles a slow call with the first result (copy ${winner}) and aborts the other copy`, async () => {
      const policy = hedge({ name: 'orders', delay: 100, idempotent: true });
      const work = new Copies();
      const call = policy.execute(work.run);
      mock.timers.tick(100);
      assert.equal(work.contexts.length, 2);
      work.at(winner).resolve(`value ${winner}`);
      assert.equal(await call, `value ${winner}`);
      const [won, lost] = winner === 0 ? work.contexts : work.contexts.toReversed();
      assert.equal(won?.signal.aborted, false);
      assert.equal(lost?.signal.aborted, true);
      const reason = lost?.signal.reason as Error;
      assert.equal(reason.name, 'AbortError');
      assert.equal(reason.message, 'Policy orders: another copy of the call was faster');
      work.at(1 - winner).reject(reason);
      await turn();
      assert.deepEqual(
        policy.getStats(),
        stats({ name: 'orders', totalCalls: 1, totalSuccesses: 1, totalHedges: 1, totalHedgesWon: winner, delay: 100 }),
      );
    });
  }

  it('ignores the value of a copy that settles late', async () => {
    const work = new Copies();
    const policy = hedge({ delay: 0, idempotent: true });
    const call = policy.execute(work.run);
    mock.timers.tick(1);
    work.at(1).resolve('first');
    work.at(0).resolve('late');
    assert.equal(await call, 'first');
    assert.equal(policy.getStats().totalSuccesses, 1);
  });

  it('starts one copy after another, up to maxHedges', async () => {
    const policy = hedge({ delay: 100, maxHedges: 3, idempotent: true });
    const work = new Copies();
    const call = policy.execute(work.run);
    const started: number[] = [];
    for (let time = 0; time < 10; time++) {
      mock.timers.tick(50);
      started.push(work.contexts.length);
    }
    assert.deepEqual(started, [1, 2, 2, 3, 3, 4, 4, 4, 4, 4]);
    work.at(3).resolve(1);
    await call;
    assert.equal(work.contexts.filter(({ signal }) => signal.aborted).length, 3);
  });

  it('waits for the other copies when one fails', async () => {
    const policy = hedge({ delay: 100, idempotent: true });
    const work = new Copies();
    const call = policy.execute(work.run);
    mock.timers.tick(100);
    work.at(0).reject(new Error('down'));
    await turn();
    work.at(1).resolve('value');
    assert.equal(await call, 'value');
  });

  it('rejects with the last failure when all copies fail', async () => {
    const policy = hedge({ delay: 100, idempotent: true });
    const work = new Copies();
    const call = policy.execute(work.run);
    mock.timers.tick(100);
    work.at(1).reject(new Error('one'));
    const last = new Error('two');
    work.at(0).reject(last);
    assert.equal(await rejection(call), last);
    assert.deepEqual(policy.getStats(), stats({ totalCalls: 1, totalFailures: 1, totalHedges: 1, delay: 100 }));
  });

  it('rejects at once, without a copy, when the only copy so far fails', async () => {
    const policy = hedge({ delay: 100, idempotent: true });
    for (const error of [new Error('down'), undefined]) {
      assert.equal(await rejection(policy.execute(() => Promise.reject(error))), error);
    }
    mock.timers.tick(1_000);
    assert.equal(policy.getStats().totalHedges, 0);
  });

  it('rejects with the failure of a copy rather than with the rejection of another', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1 });
    const work = new Copies();
    const call = pipeline([hedge({ delay: 100, idempotent: true }), breaker]).execute(work.run);
    breaker.forceOpen();
    mock.timers.tick(100);
    await turn();
    assert.equal(work.contexts.length, 1);
    const error = new Error('down');
    work.at(0).reject(error);
    assert.equal(await rejection(call), error);
  });

  it('has each copy admitted by the breaker inside, which ignores the aborted ones', async () => {
    const breaker = new CircuitBreaker();
    const work = new Copies();
    const call = pipeline([hedge({ delay: 100, idempotent: true }), breaker, timeout(500)]).execute(work.run);
    mock.timers.tick(100);
    assert.equal(breaker.getStats().inFlight, 2);
    work.at(1).resolve(1);
    await call;
    const { totalSuccesses, totalIgnored, totalFailures, inFlight } = breaker.getStats();
    assert.deepEqual(
      { totalSuccesses, totalIgnored, totalFailures, inFlight },
      { totalSuccesses: 1, totalIgnored: 1, totalFailures: 0, inFlight: 0 },
    );
  });

  it('takes the delay from a quantile of the response times', async () => {
    const policy = hedge({ quantile: 0.9, minimumCalls: 10, delay: 5_000, idempotent: true });
    assert.equal(policy.getStats().delay, 5_000);
    for (let call = 0; call < 20; call++) {
      const work = new Copies();
      const running = policy.execute(work.run);
      mock.timers.tick(20);
      work.at(0).resolve(1);
      await running;
    }
    const { delay } = policy.getStats();
    assert.ok(delay >= 20 && delay <= 25, `${delay}`);
    const work = new Copies();
    const call = policy.execute(work.run);
    mock.timers.tick(19);
    assert.equal(work.contexts.length, 1);
    mock.timers.tick(7);
    assert.equal(work.contexts.length, 2);
    work.at(0).resolve(1);
    await call;
  });

  it('starts a copy only if the budget grants it', async () => {
    const budget = retryBudget({ share: 0.1, minimumPerSecond: 0 });
    const policy = hedge({ delay: 10, budget, idempotent: true });
    const works = Array.from({ length: 20 }, () => new Copies());
    const calls = works.map((work) => policy.execute(work.run));
    mock.timers.tick(10);
    assert.equal(works.filter(({ contexts }) => contexts.length === 2).length, 2);
    const { totalHedges, totalOverBudget } = policy.getStats();
    assert.deepEqual({ totalHedges, totalOverBudget }, { totalHedges: 2, totalOverBudget: 18 });
    works.forEach((work) => work.at(0).resolve(1));
    await Promise.all(calls);
  });

  it("aborts all copies with the caller's signal", async () => {
    const policy = hedge({ delay: 100, maxHedges: 2, idempotent: true });
    for (const wait of [50, 150]) {
      const work = new Copies();
      const controller = new AbortController();
      const call = policy.execute(work.run, { signal: controller.signal });
      mock.timers.tick(wait);
      controller.abort('enough');
      assert.equal(await rejection(call), 'enough');
      assert.ok(work.contexts.every(({ signal }) => signal.reason === 'enough'));
      assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
      mock.timers.tick(1_000);
      assert.equal(work.contexts.length, wait < 100 ? 1 : 2);
    }
    assert.equal(policy.getStats().inFlight, 0);
  });

  it('ends with the timeout around it, which counts the call until all copies have settled', async () => {
    const total = timeout(250);
    const work = new Copies();
    const call = pipeline([total, hedge({ delay: 100, maxHedges: 2, idempotent: true })]).execute(work.run);
    mock.timers.tick(100);
    mock.timers.tick(100);
    mock.timers.tick(50);
    assert.ok((await rejection(call)) instanceof CallTimeoutError);
    assert.equal(total.getStats().overrunning, 1);
    work.works.slice(1).forEach(({ resolve }) => resolve(1));
    await turn();
    assert.equal(total.getStats().overrunning, 1);
    work.works[0]?.resolve(1);
    await turn();
    assert.equal(total.getStats().overrunning, 0);
  });
});

describe('hedge() with wrong options', () => {
  for (const [options, problems] of [
    [{ delay: -1, idempotent: true }, ['delay']],
    [{ quantile: 1, idempotent: false }, ['quantile']],
    [{ maxHedges: 11, idempotent: true }, ['maxHedges']],
    [{ idempotent: 1 }, ['idempotent']],
    [{ delay: 100 }, ['idempotent']],
    [undefined, ['idempotent']],
    [100, ['idempotent']],
    [
      { quantile: 'x', minimumCalls: 0, window: 0, maxHedges: 0, budget: 1, copies: 2, name: '' },
      ['budget', 'copies', 'idempotent', 'maxHedges', 'minimumCalls', 'name', 'quantile', 'window'],
    ],
    [null, ['options']],
  ] as const) {
    it(`throws for ${JSON.stringify(options)}`, () => assertProblems(() => hedge(options as never), problems));
  }

  it('throws for a hedge inside a breaker', () => {
    const breaker = new CircuitBreaker();
    assertProblems(() => pipeline([breaker, hedge({ idempotent: true })]), ['layers.1']);
    assert.ok(!(pipeline([hedge({ idempotent: true }), breaker]) instanceof OptionsError));
  });
});

describe('a process with a hedge', () => {
  it('gets no unhandled rejection from copies, and ends with its calls', () => {
    const { status, stdout, stderr } = runScript(
      `
      import { hedge } from 'fusewire';
      const begun = performance.now();
      const fast = await hedge({ delay: 60_000, idempotent: true }).execute(async () => 'fast');
      const slow = await hedge({ delay: 5, idempotent: true }).execute(({ signal }) => new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        setTimeout(resolve, 30, 'slow');
      }));
      console.log(fast, slow);
      process.on('exit', () => console.log(performance.now() - begun < 30_000));
    `,
      '--unhandled-rejections=strict',
    );
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'fast slow\ntrue', stderr: '' });
  });
});

/** Work whose copies the test settles by hand. */
class Copies {
  readonly works: Deferred<unknown>[] = [];
  readonly contexts: CallContext[] = [];

  readonly run = (context: CallContext): Promise<unknown> => {
    const work = deferred();
    this.works.push(work);
    this.contexts.push(context);
    return work.promise;
  };

  at(index: number): Deferred<unknown> {
    return this.works[index] as Deferred<unknown>;
  }
}

function stats(different: Partial<ReturnType<Hedge['getStats']>>): ReturnType<Hedge['getStats']> {
  return {
    name: 'hedge',
    totalCalls: 0,
    totalSuccesses: 0,
    totalFailures: 0,
    inFlight: 0,
    totalHedges: 0,
    totalHedgesWon: 0,
    totalOverBudget: 0,
    predicateErrors: 0,
    delay: 1_000,
    ...different,
  };
}
