import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it, mock } from 'node:test';
import { CircuitBreaker, OptionsError, CallTimeoutError, CircuitOpenError, pipeline, timeout } from 'fusewire';
import type { CallContext, PipelineLayer } from 'fusewire';
import { deferred, onEachBackend, open, quickBreaker, rejection, thrown, turn } from './support.ts';

onEachBackend('pipeline()', (backend) => {
  it('settles as the work does, through every layer', async () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 100 });
    const calls = pipeline([timeout(40_000), breaker, timeout(500)]);
    const value = { some: 'object' };
    const error = new Error('down');
    assert.equal(await calls.execute(() => value), value);
    assert.equal(await calls.execute(async () => value), value);
    assert.equal(await rejection(calls.execute(() => Promise.reject(error))), error);
    const sync = calls.execute(() => {
      throw error;
    });
    assert.ok(sync instanceof Promise);
    assert.equal(await rejection(sync), error);
    for (const odd of [undefined, null, 0, 'text']) {
      assert.equal(await calls.execute(() => odd), odd);
      assert.equal(await rejection(calls.execute(() => Promise.reject(odd))), odd);
    }
    const { totalSuccesses, totalFailures, inFlight } = breaker.getStats();
    assert.deepEqual({ totalSuccesses, totalFailures, inFlight }, { totalSuccesses: 6, totalFailures: 6, inFlight: 0 });
  });

  it('adopts a thenable once', async () => {
    const { breaker } = quickBreaker(backend);
    let adoptions = 0;
    const thenable = {
      then(resolve: (value: string) => void) {
        adoptions++;
        resolve('value');
      },
    };
    const calls = pipeline([timeout(40_000), breaker, timeout(500)]);
    assert.equal(await calls.execute(() => thenable as PromiseLike<string>), 'value');
    assert.equal(adoptions, 1);
  });

  it('rejects without running the work while the circuit is open', async () => {
    const { breaker } = quickBreaker(backend);
    await open(breaker);
    const calls = pipeline([timeout(40_000), breaker, timeout(500)]);
    assert.ok((await rejection(calls.execute(() => assert.fail('must not run')))) instanceof CircuitOpenError);
    assert.equal(breaker.getStats().totalRejected, 1);
  });

  it('ignores, in a breaker, the rejections of a breaker inside it', async () => {
    const { breaker: outer } = quickBreaker(backend, { name: 'outer', failureThreshold: 1 });
    const { breaker: inner } = quickBreaker(backend, { name: 'inner' });
    await open(inner);
    const error = await rejection(pipeline([outer, inner]).execute(() => assert.fail('must not run')));
    assert.ok(error instanceof CircuitOpenError && error.breaker === 'inner');
    await rejection(outer.execute(() => inner.execute(() => assert.fail('must not run'))));
    inner.dispose();
    await rejection(outer.execute(() => inner.execute(() => assert.fail('must not run'))));
    const { totalIgnored, totalFailures, state, lastError } = outer.getStats();
    assert.deepEqual(
      { totalIgnored, totalFailures, state, lastError },
      { totalIgnored: 3, totalFailures: 0, state: 'CLOSED', lastError: null },
    );
  });

  it('lets classify() count the rejection of a breaker inside', async () => {
    const { breaker: inner } = quickBreaker(backend);
    await open(inner);
    const { breaker: outer } = quickBreaker(backend, {
      classify: (error) => (error instanceof CircuitOpenError ? 'failure' : undefined),
    });
    await rejection(outer.execute(() => inner.execute(() => 1)));
    assert.equal(outer.getStats().totalFailures, 1);
  });

  it('counts an error that cannot be read as a failure', async () => {
    const { breaker } = quickBreaker(backend);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    let isSame = false;
    await breaker.execute(() => Promise.reject(proxy)).catch((error) => (isSame = error === proxy));
    assert.ok(isSame);
    const { totalFailures, predicateErrors } = breaker.getStats();
    assert.deepEqual({ totalFailures, predicateErrors }, { totalFailures: 1, predicateErrors: 0 });
  });

  it('rejects after its breaker was disposed', async () => {
    const { breaker } = quickBreaker(backend);
    const calls = pipeline([breaker]);
    breaker.dispose();
    assert.equal(((await rejection(calls.execute(() => 1))) as { code?: string }).code, 'ERR_BREAKER_DISPOSED');
  });

  it('applies the timeout of its breaker', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    try {
      const breaker = new CircuitBreaker({ name: 'mpesa', backend, timeout: 50 });
      let context: CallContext | undefined;
      const call = pipeline([timeout(100), breaker]).execute((received) => {
        context = received;
        return deferred().promise;
      });
      mock.timers.tick(50);
      const error = await rejection(call);
      assert.ok(error instanceof CallTimeoutError && error.breaker === 'mpesa');
      assert.equal(context?.signal.reason, error);
      assert.equal(breaker.getStats().totalTimeouts, 1);
    } finally {
      mock.timers.reset();
    }
  });

  if (backend !== 'native') return;
  it('follows a breaker of scope process', async () => {
    const name = `pipeline ${process.pid}`;
    const make = () => new CircuitBreaker({ name, scope: 'process', failureThreshold: 1 });
    const [breaker, same] = [make(), make()];
    const calls = pipeline([breaker]);
    assert.equal(await calls.execute(() => 1), 1);
    await open(same);
    assert.ok((await rejection(calls.execute(() => 1))) instanceof CircuitOpenError);
  });
});

onEachBackend("the caller's signal", (backend) => {
  const depths: Record<string, (breaker: CircuitBreaker) => PipelineLayer[]> = {
    'a breaker': (breaker) => [breaker],
    'a timeout': () => [timeout(40_000)],
    'a breaker in a timeout': (breaker) => [timeout(40_000), breaker],
    'a timeout in a breaker': (breaker) => [breaker, timeout(40_000)],
    'all of them': (breaker) => [timeout(40_000), breaker, timeout(500), timeout(400)],
    'a cooperative timeout': () => [timeout({ timeout: 1_000, strategy: 'cooperative' })],
  };
  for (const [depth, layers] of Object.entries(depths)) {
    for (const early of [true, false]) {
      it(`rejects the call at once and aborts the work in ${depth} (signal read ${early ? 'before' : 'after'} the abort)`, async () => {
        const { breaker } = quickBreaker(backend);
        const controller = new AbortController();
        const work = deferred();
        let context: CallContext | undefined;
        const call = pipeline(layers(breaker)).execute(
          (received) => {
            context = received;
            if (early) assert.equal(received.signal.aborted, false);
            return work.promise;
          },
          { signal: controller.signal },
        );
        let hasRejected = false;
        call.catch(() => (hasRejected = true));
        const reason = new Error('changed my mind');
        controller.abort(reason);
        await Promise.resolve();
        assert.ok(hasRejected);
        assert.equal(await rejection(call), reason);
        assert.equal(context?.signal.aborted, true);
        assert.equal(context.signal.reason, reason);
        assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
        work.reject(new Error('nobody waits for this'));
        await turn();
        const { totalIgnored, totalRequests, totalFailures, inFlight } = breaker.getStats();
        assert.deepEqual(
          { totalIgnored, totalFailures, inFlight },
          { totalIgnored: totalRequests, totalFailures: 0, inFlight: 0 },
        );
      });
    }
  }

  it('rejects without running the work if it has aborted already', async () => {
    const { breaker } = quickBreaker(backend);
    const signal = AbortSignal.abort('changed my mind');
    const calls = pipeline([timeout(40_000), breaker]);
    assert.equal(await rejection(calls.execute(() => assert.fail('must not run'), { signal })), 'changed my mind');
    assert.equal(breaker.getStats().totalRequests, 0);
  });

  it('takes precedence over an error that the work throws after the abort', async () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 1 });
    for (const layers of [[timeout(40_000), breaker], [breaker, timeout(40_000)], [timeout(40_000)]]) {
      const controller = new AbortController();
      const call = pipeline(layers).execute(
        () => {
          controller.abort('reason');
          throw new Error('torn down');
        },
        { signal: controller.signal },
      );
      assert.equal(await rejection(call), 'reason');
    }
    assert.equal(breaker.getStats().totalIgnored, 2);
    assert.equal(breaker.getStats().inFlight, 0);
  });

  it('rejects with its default reason if it aborts without one', async () => {
    const { breaker } = quickBreaker(backend);
    const controller = new AbortController();
    const call = pipeline([timeout(40_000), breaker]).execute(() => deferred().promise, { signal: controller.signal });
    controller.abort();
    assert.equal(await rejection(call), controller.signal.reason);
  });

  it('has no listener left after 10 000 calls, and one for all calls in flight', async () => {
    const { breaker } = quickBreaker(backend);
    const calls = pipeline([timeout(40_000), breaker, timeout(500)]);
    const controller = new AbortController();
    const { signal } = controller;
    for (let call = 0; call < 10_000; call++) await calls.execute(() => call, { signal });
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    const running = Array.from({ length: 100 }, () => calls.execute(() => deferred().promise, { signal }));
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    controller.abort('all');
    for (const call of running) assert.equal(await rejection(call), 'all');
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    assert.equal(breaker.getStats().totalIgnored, 100);
  });
});

describe('pipeline() of layers', () => {
  const breaker = new CircuitBreaker({ name: 'mpesa' });

  it('takes the name of its first breaker, or its own', async () => {
    const nameOf = (calls: ReturnType<typeof pipeline>) => calls.execute(({ breaker: name }) => name);
    assert.equal(pipeline([timeout(40_000), breaker]).name, 'mpesa');
    assert.equal(pipeline([timeout(1)]).name, 'pipeline');
    assert.equal(pipeline([timeout(40_000), breaker], { name: 'orders' }).name, 'orders');
    assert.equal(await nameOf(pipeline([timeout(1_000)], { name: 'orders' })), 'orders');
    assert.equal(await nameOf(pipeline([timeout(40_000), breaker], { name: 'orders' })), 'mpesa');
    assert.equal(await timeout({ timeout: 1_000, name: 'patience' }).execute(({ breaker: name }) => name), 'patience');
  });

  it('takes the layers of a nested pipeline', async () => {
    const inner = pipeline([breaker, timeout(500)]);
    const outer = pipeline([timeout(40_000), inner]);
    assert.equal(outer.name, 'mpesa');
    assert.equal(await outer.execute(() => 1), 1);
    const error = thrown(() => pipeline([inner, breaker]));
    assert.match(error.message, /layers\.2 must be elsewhere: one breaker twice would admit each call twice/);
  });

  it('numbers the first attempt 1', async () => {
    assert.equal(await pipeline([timeout(40_000), breaker]).execute(({ attempt }) => attempt), 1);
  });

  for (const [what, layers, option] of [
    ['an empty list', [], 'layers'],
    ['an object that is no policy', [timeout(1), { name: 'x', run: () => 1 }], 'layers.1'],
    ['null', [null], 'layers.0'],
    ['undefined', [undefined], 'layers.0'],
    ['a function', [() => 1], 'layers.0'],
    ['a promise', [Promise.resolve(1)], 'layers.0'],
  ] as const) {
    it(`rejects ${what} as a layer`, () => {
      const error = thrown(() => pipeline(layers as never));
      assert.ok(error instanceof OptionsError, `${error}`);
      assert.deepEqual(
        error.problems.map((problem) => problem.option),
        [option],
      );
    });
  }

  it('rejects layers that are no list, and wrong options', () => {
    for (const layers of [undefined, 1, 'layers'])
      assert.ok(thrown(() => pipeline(layers as never)) instanceof OptionsError);
    const error = thrown(() => pipeline([null] as never, { name: '', checked: 1, unchecked: true } as never));
    assert.ok(error instanceof OptionsError);
    assert.deepEqual(error.problems.map(({ option }) => option).sort(), ['checked', 'layers.0', 'name', 'unchecked']);
    for (const options of [null, 1, 'options', []]) {
      assert.ok(thrown(() => pipeline([breaker], options as never)) instanceof OptionsError);
    }
  });

  it('rejects an order that defeats one of the policies', () => {
    assertRejected([breaker, breaker], 'layers.1', /one breaker twice would admit each call twice/);
    assertRejected(
      [timeout(100), new CircuitBreaker({ timeout: 200 })],
      'layers.1',
      /the timeout of 100 ms around it ends every call before its own of 200 ms$/,
    );
    assertRejected(
      [timeout(100), timeout(200)],
      'layers.1',
      /the timeout of 100 ms around it ends every call before its own of 200 ms$/,
    );
    const quiet = new CircuitBreaker({ timeout: false });
    assert.ok(pipeline([timeout(100), quiet]));
    assert.ok(pipeline([timeout(100), breaker]));
    assert.ok(pipeline([timeout(100), breaker, timeout(99)]));
    assert.ok(pipeline([timeout(100), quiet, timeout(99)]));
    assert.ok(pipeline([timeout(200), timeout(100)]));
    assert.ok(pipeline([breaker, quiet]));
  });

  it('accepts such an order with checked: false', async () => {
    assert.equal(await pipeline([timeout(1_000), timeout(2_000)], { checked: false }).execute(() => 1), 1);
    assert.ok(thrown(() => pipeline([null] as never, { checked: false })) instanceof OptionsError);
  });
});

describe('execute()', () => {
  for (const [what, { execute }] of [
    ['pipeline', bound(pipeline([timeout(1_000)]))],
    ['policy', bound(timeout(1_000))],
  ] as const) {
    it(`rejects work that is no function (${what})`, async () => {
      for (const work of [undefined, null, 1, 'text', {}, [], { then: 1 }]) {
        const error = await rejection(execute(work as never));
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /execute takes a function, which it may delay or run again, got /);
      }
      const error = await rejection(execute(Promise.reject(new Error('handled')) as never));
      assert.match((error as Error).message, /got a promise$/);
    });

    it(`rejects wrong call options (${what})`, async () => {
      for (const options of [null, 1, 'text', { signal: 1 }, { signal: {} }, { signal: null }]) {
        assert.ok((await rejection(execute(() => 1, options as never))) instanceof TypeError);
      }
      assert.equal(await execute(() => 1, {}), 1);
      assert.equal(await execute(() => 1, { signal: undefined }), 1);
    });

    it(`rejects a wrong priority (${what})`, async () => {
      for (const priority of [-1, 5, 1.5, Number.NaN, '1', null]) {
        const error = await rejection(execute(() => 1, { priority } as never));
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /priority must be a whole number from 0 to 4/);
      }
      for (const priority of [0, 1, 2, 3, 4, undefined] as const) assert.equal(await execute(() => 1, { priority }), 1);
    });
  }
});

function bound<Arguments extends unknown[]>(target: { execute(...args: Arguments): unknown }) {
  return { execute: target.execute.bind(target) as (...args: Arguments) => Promise<unknown> };
}

function assertRejected(layers: readonly PipelineLayer[], option: string, message: RegExp): void {
  const error = thrown(() => pipeline(layers));
  assert.ok(error instanceof OptionsError);
  assert.match(error.message, message);
  assert.deepEqual(
    error.problems.map((problem) => [problem.option, problem.kind]),
    [[option, 'conflict']],
  );
}
