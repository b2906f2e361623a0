import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it, mock } from 'node:test';
import {
  alternative,
  CircuitBreaker,
  degraded,
  fallback,
  fallbackErrorsOf,
  isBreakerOptionsError,
  isCallTimeoutError,
  isCircuitOpenError,
  pipeline,
  simulated,
  timeout,
} from 'fusewire';
import type { FallbackContext, FallbackStrategy } from 'fusewire';
import { deferred, open, quickBreaker, rejection, runScript, thrown, turn } from './support.ts';

const down = new Error('down');
const fails = () => Promise.reject(down);

/** A strategy that notes that it was asked. */
function noted(name: string, seen: string[], execute: FallbackStrategy['execute'], priority?: number) {
  const run: FallbackStrategy['execute'] = (error, context) => {
    seen.push(name);
    return execute(error, context);
  };
  return { name, priority, execute: run };
}

const refuses = () => Promise.reject(new Error('no answer'));

describe('a chain of fallbacks', () => {
  it('is not asked while the call succeeds', async () => {
    const policy = fallback([{ name: 'never', execute: () => assert.fail('must not be asked') }]);
    const value = { some: 'object' };
    assert.equal(await policy.execute(() => value), value);
    assert.deepEqual(await policy.executeWithSource(async () => value), { value, source: 'call' });
    assert.deepEqual(policy.getStats(), { name: 'fallback', answers: { call: 2 }, totalFailures: 0, totalFaults: 0 });
  });

  it('answers in the order of priority, then as given, and tells who did', async () => {
    const seen: string[] = [];
    const policy = fallback([
      noted('third', seen, refuses),
      noted('first', seen, refuses, 10),
      noted('fourth', seen, () => 'answer'),
      noted('second', seen, refuses, 0.5),
      noted('fifth', seen, () => assert.fail('must not be asked'), -1),
    ]);
    assert.deepEqual(await policy.executeWithSource(fails), { value: 'answer', source: 'fallback:fourth' });
    assert.deepEqual(seen, ['first', 'second', 'third', 'fourth']);
    assert.equal(await policy.execute(fails), 'answer');
    assert.deepEqual(policy.getStats().answers, { 'fallback:fourth': 2 });
  });

  it('passes over what cannot handle the error', async () => {
    const asked: unknown[] = [];
    const cannot = (error: unknown) => {
      asked.push(error);
      return false;
    };
    const policy = fallback([
      degraded('a', { canHandle: cannot }),
      { name: 'own', canHandle: (error) => error === down, execute: () => 'b' },
    ]);
    assert.equal(await policy.execute(fails), 'b');
    assert.deepEqual(asked, [down]);
    assert.equal(await rejection(policy.execute(() => Promise.reject(asked))), asked);
    assert.deepEqual(fallbackErrorsOf(asked), []);
  });

  it('gives way to the next whatever goes wrong, and tells what did', async () => {
    const faults = [
      new Error('thrown'),
      new Error('rejected'),
      new Error('canHandle'),
      new Error('thenable'),
      'getter',
    ];
    const policy = fallback([
      {
        name: 'throws',
        execute: () => {
          throw faults[0];
        },
      },
      { name: 'rejects', execute: () => Promise.reject(faults[1]) },
      {
        name: 'canHandle throws',
        canHandle: () => {
          throw faults[2];
        },
        execute: () => assert.fail('must not be asked'),
      },
      {
        name: 'canHandle promises',
        canHandle: (() => Promise.reject(new Error('unhandled'))) as never,
        execute: () => assert.fail('must not be asked'),
      },
      {
        name: 'bad thenable',
        execute: () => ({ then: (_: unknown, reject: (error: unknown) => void) => reject(faults[3]) }) as never,
      },
      {
        name: 'bad getter',
        execute: () =>
          ({
            get then() {
              throw faults[4];
            },
          }) as never,
      },
    ]);
    assert.equal(await rejection(policy.execute(fails)), down);
    const told = fallbackErrorsOf(down);
    assert.deepEqual(
      told.map(({ strategy }) => strategy),
      ['throws', 'rejects', 'canHandle throws', 'canHandle promises', 'bad thenable', 'bad getter'],
    );
    assert.deepEqual(
      [told[0], told[1], told[2], told[4], told[5]].map((fault) => fault?.error),
      faults,
    );
    assert.match(String(told[3]?.error), /TypeError: canHandle must answer true or false/);
    assert.deepEqual(policy.getStats(), { name: 'fallback', answers: {}, totalFailures: 1, totalFaults: 6 });
  });

  it('waits for whatever can be waited for', async () => {
    const thenable = (resolve: (value: number) => void) => resolve(1);
    for (const answer of [Promise.resolve(1), { then: thenable }, Object.assign(() => 2, { then: thenable })]) {
      assert.equal(await fallback([degraded(() => answer as Promise<number>)]).execute(fails), 1);
    }
    const refusing = Object.assign(() => 2, { then: (_: unknown, reject: (error: unknown) => void) => reject('no') });
    assert.equal(await fallback([degraded(() => refusing as never), degraded(1, { name: 'next' })]).execute(fails), 1);
  });

  it('is not asked whether it is wanted by a call that nobody waits for', async () => {
    const policy = fallback({ strategies: [degraded(1)], when: () => assert.fail('must not be asked') });
    const controller = new AbortController();
    const work = deferred();
    const call = policy.execute(() => work.promise, { signal: controller.signal });
    controller.abort('changed my mind');
    work.reject(down);
    assert.equal(await rejection(call), 'changed my mind');
    await turn();
    assert.deepEqual(policy.getStats(), { name: 'fallback', answers: {}, totalFailures: 1, totalFaults: 0 });
  });

  it('leaves the error as it was: frozen ones, and those that are no objects', async () => {
    const policy = fallback([{ name: 'refuses', execute: refuses }]);
    const odd = [
      Object.freeze(new Error('frozen')),
      'text',
      0,
      -0,
      Number.NaN,
      null,
      undefined,
      Symbol('s'),
      1n,
      () => 1,
    ];
    for (const error of odd) {
      assert.ok(Object.is(await rejection(policy.execute(() => Promise.reject(error))), error));
      assert.deepEqual(
        fallbackErrorsOf(error).map(({ strategy }) => strategy),
        ['refuses'],
      );
    }
    assert.deepEqual(Reflect.ownKeys(odd[0] as object).toSorted(), ['message', 'stack']);
    const proxy = Proxy.revocable({}, {});
    proxy.revoke();
    let seen: unknown;
    await policy.execute(() => Promise.reject(proxy.proxy)).then(assert.fail, (error) => void (seen = error));
    assert.ok(seen === proxy.proxy);
    assert.equal(fallbackErrorsOf(proxy.proxy).length, 1);
    assert.deepEqual(fallbackErrorsOf(new Error('of nobody')), []);
  });

  it('tells of the last call that rejected with an error, and remembers no end of primitives', async () => {
    let refusing = true;
    const policy = fallback([degraded(() => (refusing ? refuses() : 1))]);
    await rejection(policy.execute(fails));
    assert.equal(fallbackErrorsOf(down).length, 1);
    const without = fallback([degraded(1, { canHandle: () => false })]);
    await rejection(without.execute(fails));
    assert.deepEqual(fallbackErrorsOf(down), []);
    for (let number = 0; number < 100; number++) await rejection(policy.execute(() => Promise.reject(number)));
    assert.deepEqual([fallbackErrorsOf(0).length, fallbackErrorsOf(99).length], [0, 1]);
    refusing = false;
    assert.equal(await policy.execute(fails), 1);
  });

  it('answers only errors that are meant to be answered', async () => {
    const seen: unknown[] = [];
    const when = (error: unknown, context: FallbackContext) => {
      seen.push(context.error);
      return error === down;
    };
    const policy = fallback({ name: 'orders', strategies: [degraded('answer')], when });
    assert.equal(await policy.execute(fails), 'answer');
    const other = new TypeError('a bug');
    assert.equal(
      await rejection(
        policy.execute(() => {
          throw other;
        }),
      ),
      other,
    );
    assert.deepEqual(seen, [down, other]);
    assert.deepEqual(policy.getStats(), {
      name: 'orders',
      answers: { 'fallback:degraded': 1 },
      totalFailures: 1,
      totalFaults: 0,
    });
  });

  it('keeps the error where the predicate fails', async () => {
    const fault = new Error('when');
    const policy = fallback({
      strategies: [degraded('answer')],
      when: () => {
        throw fault;
      },
    });
    assert.equal(await rejection(policy.execute(fails)), down);
    assert.deepEqual(fallbackErrorsOf(down), [{ strategy: 'when', error: fault }]);
  });

  it('tells the fallbacks what the call was', async () => {
    let seen: FallbackContext | undefined;
    const policy = fallback({ name: 'orders', strategies: [degraded((context) => void (seen = context))] });
    await policy.execute(fails, { key: 'customer 1', args: [1, 'two'] });
    assert.ok(seen !== undefined);
    const { policy: name, error, reason, key, args } = seen;
    assert.deepEqual(
      { name, error, reason, key, args },
      { name: 'orders', error: down, reason: 'failure', key: 'customer 1', args: [1, 'two'] },
    );
    await policy.execute(fails);
    assert.deepEqual([seen.key, seen.args], [undefined, []]);
  });

  it('tells the fallbacks why it failed', async () => {
    const { breaker } = quickBreaker('wasm');
    const reasons: string[] = [];
    const policy = fallback([degraded(({ reason }) => reasons.push(reason))]);
    await pipeline([policy, breaker]).execute(fails);
    await open(breaker);
    await pipeline([policy, breaker]).execute(fails);
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
    const late = pipeline([policy, timeout(10)]).execute(() => deferred().promise);
    mock.timers.tick(10);
    await late;
    mock.timers.reset();
    for (const code of ['EBULKHEADFULL', 'ERATELIMITED', 'ETHROTTLED', 'ERETRIESEXHAUSTED', 'ENOENT', 1]) {
      await policy.execute(() => Promise.reject(Object.assign(new Error(), { code })));
    }
    assert.deepEqual(reasons, [
      'failure',
      'open',
      'timeout',
      'full',
      'limited',
      'throttled',
      'exhausted',
      'failure',
      'failure',
    ]);
  });

  it('widens what a pipeline answers, and tells through it where the answer came from', async () => {
    const { breaker } = quickBreaker('wasm');
    const calls = pipeline([fallback([degraded('less')]), breaker]);
    assert.deepEqual(await calls.executeWithSource(() => 1), { value: 1, source: 'call' });
    assert.deepEqual(await calls.executeWithSource(fails), { value: 'less', source: 'fallback:degraded' });
    assert.equal(breaker.getStats().totalFailures, 1);
    const nested = pipeline([
      fallback([degraded('outer')]),
      timeout(1_000),
      fallback({ name: 'inner', strategies: [degraded('inner')] }),
    ]);
    assert.deepEqual(await nested.executeWithSource(fails), { value: 'inner', source: 'fallback:degraded' });
  });

  it('may answer with nothing, and with less than nothing', async () => {
    for (const value of [undefined, null, 0, '', false])
      assert.equal(await fallback([degraded(value)]).execute(fails), value);
  });

  it('asks each anew for each call', async () => {
    let calls = 0;
    const policy = fallback([degraded(async () => ++calls)]);
    assert.deepEqual(await Promise.all([policy.execute(fails), policy.execute(fails)]), [1, 2]);
  });
});

describe("the caller's own abort", () => {
  it('is answered by nobody', async () => {
    const policy = fallback([degraded(() => assert.fail('must not be asked'))]);
    const controller = new AbortController();
    const call = policy.execute(
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(down))),
      { signal: controller.signal },
    );
    controller.abort('changed my mind');
    assert.equal(await rejection(call), 'changed my mind');
    await turn();
    assert.deepEqual(policy.getStats(), { name: 'fallback', answers: {}, totalFailures: 1, totalFaults: 0 });
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  });

  it('ends the fallback that runs, and asks no other', async () => {
    let signal: AbortSignal | undefined;
    const policy = fallback([
      degraded((context) => {
        signal = context.signal;
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('torn down'))));
      }),
      { name: 'next', execute: () => assert.fail('must not be asked') },
    ]);
    const controller = new AbortController();
    const call = policy.execute(fails, { signal: controller.signal });
    await turn();
    assert.equal(signal?.aborted, false);
    controller.abort('changed my mind');
    assert.equal(await rejection(call), 'changed my mind');
    assert.equal(signal?.reason, 'changed my mind');
    await turn();
    assert.equal(policy.getStats().totalFailures, 1);
  });

  it('keeps a call that it precedes from being made', async () => {
    const policy = fallback([degraded(() => assert.fail('must not be asked'))]);
    const signal = AbortSignal.abort('early');
    assert.equal(await rejection(policy.execute(() => assert.fail('must not run'), { signal })), 'early');
    assert.equal(await rejection(policy.executeWithSource(() => assert.fail('must not run'), { signal })), 'early');
  });

  it('is one like any other where somebody else aborts', async () => {
    const policy = fallback([degraded('answer')]);
    assert.equal(await policy.execute(() => Promise.reject(AbortSignal.abort().reason)), 'answer');
  });
});

it('a timeout around a fallback ends both', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
  try {
    const policy = fallback([
      degraded(() => deferred().promise),
      { name: 'next', execute: () => assert.fail('must not be asked') },
    ]);
    const call = pipeline([timeout(50), policy]).execute(fails);
    await turn();
    mock.timers.tick(50);
    assert.ok(isCallTimeoutError(await rejection(call)));
  } finally {
    mock.timers.reset();
  }
});

describe('another provider', () => {
  it('is asked with what the call was given', async () => {
    const policy = fallback([alternative('ecb', ({ args }) => `rate of ${args[0]}`)]);
    assert.deepEqual(await policy.executeWithSource(fails, { args: ['EUR'] }), {
      value: 'rate of EUR',
      source: 'fallback:ecb',
    });
  });

  it('has a breaker of its own', async () => {
    const { breaker } = quickBreaker('wasm', { name: 'ecb' });
    const policy = fallback([alternative('ecb', fails, { through: breaker }), degraded('less')]);
    for (let call = 0; call < 3; call++) assert.equal(await policy.execute(fails), 'less');
    assert.equal(breaker.state, 'OPEN');
    const { totalFailures, totalRejected } = breaker.getStats();
    assert.deepEqual({ totalFailures, totalRejected }, { totalFailures: 2, totalRejected: 1 });
    const only = fallback([alternative('ecb', fails, { through: breaker })]);
    assert.equal(await rejection(only.execute(fails)), down);
    assert.ok(isCircuitOpenError(fallbackErrorsOf(down)[0]?.error));
  });

  it('goes through policies of its own, whose signal it sees', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
    try {
      for (const through of [timeout(20), pipeline([timeout(100), timeout(20)])]) {
        let signal: AbortSignal | undefined;
        const hangs = alternative('ecb', (context) => ((signal = context.signal), deferred().promise), { through });
        const call = fallback([hangs, degraded('less')]).execute(fails);
        await turn();
        mock.timers.tick(20);
        assert.equal(await call, 'less');
        assert.ok(isCallTimeoutError(signal?.reason));
      }
    } finally {
      mock.timers.reset();
    }
  });

  it('is aborted with the call', async () => {
    const { breaker } = quickBreaker('wasm');
    let signal: AbortSignal | undefined;
    const hangs = alternative('ecb', (context) => ((signal = context.signal), deferred().promise), {
      through: breaker,
    });
    const controller = new AbortController();
    const call = fallback([hangs]).execute(fails, { signal: controller.signal });
    await turn();
    controller.abort('changed my mind');
    assert.equal(await rejection(call), 'changed my mind');
    assert.equal(signal?.reason, 'changed my mind');
    assert.equal(breaker.getStats().totalIgnored, 1);
    assert.equal(breaker.getStats().inFlight, 0);
  });
});

it('a simulated response is made of what the call was given', async () => {
  const policy = fallback([simulated(async ({ args: [id] }) => ({ id, name: 'sandbox' }))]);
  assert.deepEqual(await policy.executeWithSource(fails, { args: [7] }), {
    value: { id: 7, name: 'sandbox' },
    source: 'fallback:simulated',
  });
});

describe('wrong options of', () => {
  const strategy = degraded(1);
  const cases: [string, string, (value: never) => unknown, unknown[]][] = [
    ['a fallback', 'options', (value) => fallback(value), [undefined, null, 1, 'text', () => 1]],
    ['a fallback', 'strategies', (value) => fallback({ strategies: value }), [undefined, null, 1, {}, strategy, []]],
    ['a fallback', 'strategies.1', (value) => fallback([strategy, value]), [undefined, null, 1, 'text', () => 1]],
    [
      'a fallback',
      'strategies.0.name',
      (name) => fallback([{ name, execute: () => 1 }]),
      [undefined, 1, '', 'n'.repeat(201)],
    ],
    ['a fallback', 'strategies.1.name', (value) => fallback([strategy, value]), [degraded(2)]],
    [
      'a fallback',
      'strategies.0.execute',
      (execute) => fallback([{ name: 'name', execute }]),
      [undefined, null, 1, {}],
    ],
    [
      'a fallback',
      'strategies.0.canHandle',
      (canHandle) => fallback([{ ...strategy, canHandle }]),
      [null, 1, true, {}],
    ],
    [
      'a fallback',
      'strategies.0.priority',
      (priority) => fallback([{ ...strategy, priority }]),
      [null, '1', Number.NaN, Infinity],
    ],
    ['a fallback', 'when', (when) => fallback({ strategies: [strategy], when }), [null, true, 'text', {}]],
    ['a fallback', 'name', (name) => fallback({ strategies: [strategy], name }), [null, 1, '', 'n'.repeat(201)]],
    ['a fallback', 'strategy', (value) => fallback({ strategies: [strategy], strategy: value } as never), [1]],
    ['degraded', 'options', (value) => degraded(1, value), [null, 1, 'text', [], () => 1]],
    ['degraded', 'priority', (priority) => degraded(1, { priority }), [null, '1', Number.NaN, -Infinity]],
    ['degraded', 'canHandle', (canHandle) => degraded(1, { canHandle }), [null, true, {}]],
    ['degraded', 'name', (name) => degraded(1, { name }), [null, 1, '']],
    ['degraded', 'value', (value) => degraded(1, { value } as never), [1]],
    ['simulated', 'respond', (respond) => simulated(respond), [undefined, null, 1, {}]],
    ['simulated', 'options', (options) => simulated(() => 1, options), [null, 1, []]],
    ['simulated', 'priority', (priority) => simulated(() => 1, { priority }), ['1']],
    ['alternative', 'name', (name) => alternative(name, () => 1), [undefined, null, 1, '', 'n'.repeat(201)]],
    ['alternative', 'call', (call) => alternative('name', call), [undefined, null, 1, {}]],
    [
      'alternative',
      'through',
      (through) => alternative('name', () => 1, { through }),
      [null, 1, {}, () => 1, CircuitBreaker],
    ],
    ['alternative', 'priority', (priority) => alternative('name', () => 1, { priority }), ['1']],
  ];
  for (const [what, option, make, values] of cases) {
    it(`${what} are refused: ${option}`, () => {
      for (const value of values) {
        const error = thrown(() => make(value as never));
        assert.ok(isBreakerOptionsError(error), String(error));
        assert.ok(
          error.problems.some((problem) => problem.option === option),
          error.message,
        );
        assert.match(error.message, /^Policy /);
      }
    });
  }

  it('are told all at once', () => {
    const error = thrown(() => fallback({ strategies: [{ name: '', execute: 1 }], when: 1, retries: 1 } as never));
    assert.equal(
      error.message,
      'Policy fallback: strategies.0.name must be a string of 1 to 200 characters, got ""; ' +
        'strategies.0.execute must be a function, got 1; when must be a function, got 1; retries is not an option',
    );
  });

  it('a call are refused', async () => {
    const policy = fallback([strategy]);
    for (const options of [null, 1, 'text', { signal: 1 }, { key: 1 }, { args: 'text' }, { priority: 9 }]) {
      assert.ok((await rejection(policy.execute(() => 1, options as never))) instanceof TypeError);
      assert.ok((await rejection(policy.executeWithSource(() => 1, options as never))) instanceof TypeError);
    }
    for (const work of [undefined, null, 1, Promise.resolve(1)]) {
      assert.ok((await rejection(policy.execute(work as never))) instanceof TypeError);
    }
  });
});

describe('a process', () => {
  it('sees no unhandled rejection of fallbacks, and one of a call that nobody awaits', () => {
    const { stdout, stderr, status } = runScript(
      `import { alternative, cached, CircuitBreaker, degraded, fallback } from 'fusewire';
      const seen = [];
      process.on('unhandledRejection', (error) => seen.push(error.message));
      const down = () => Promise.reject(new Error('down'));
      const swallow = (promise) => promise.catch(() => undefined);
      const refuses = { name: 'refuses', execute: () => Promise.reject(new Error('refused')) };
      const breaker = new CircuitBreaker({ timeout: false });
      for (const policy of [
        fallback([refuses]),
        fallback([cached({ ttl: 1000, key: () => 'key' }), refuses]),
        fallback([alternative('other', down, { through: breaker }), { ...refuses, canHandle: async () => { throw new Error('async'); } }]),
      ]) {
        await swallow(policy.execute(down));
        await swallow(policy.executeWithSource(down));
        const controller = new AbortController();
        const aborted = policy.execute(() => new Promise((_, reject) => setTimeout(reject, 5, new Error('late'))), { signal: controller.signal });
        const other = policy.execute(down, { signal: controller.signal });
        controller.abort(new Error('aborted'));
        await Promise.all([swallow(aborted), swallow(other)]);
      }
      await new Promise((resolve) => setTimeout(resolve, 30));
      fallback([refuses]).execute(down);
      fallback([cached({ ttl: 1000, key: () => 'key' })]).execute(down);
      fallback([degraded(1)]).execute(down);
      await new Promise((resolve) => setTimeout(resolve, 5));
      console.log(seen.join(' '));`,
    );
    assert.deepEqual({ stdout, stderr, status }, { stdout: 'down down', stderr: '', status: 0 });
  });

  it('does not keep what fallbacks have seen', () => {
    const { stdout, stderr } = runScript(
      `import { cached, fallback } from 'fusewire';
      const { signal } = new AbortController();
      const refuses = { name: 'refuses', execute: () => Promise.reject(new Error('refused')) };
      const policy = fallback([cached({ ttl: 0.001, maxEntries: 10 }), refuses]);
      const run = async (calls) => {
        for (let call = 0; call < calls; call++) {
          const options = { signal, key: String(call), args: [new Array(100).fill(call)] };
          await policy.execute(() => Promise.reject(new Error('down')), options).catch(() => undefined);
          await policy.execute(() => new Array(100).fill(call), options);
        }
        gc();
        return process.memoryUsage().heapUsed;
      };
      await run(2_000);
      const before = await run(2_000);
      const after = await run(20_000);
      console.log(after - before < 1_000_000 ? 'flat' : after - before);`,
      '--expose-gc',
    );
    assert.deepEqual({ stdout, stderr }, { stdout: 'flat', stderr: '' });
  });
});
