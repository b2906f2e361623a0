import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CircuitOpenError } from 'fusewire';
import type { CircuitBreakerOptions } from 'fusewire';
import { deferred, onEachBackend, open, quickBreaker, rejection, runScript, turn } from './support.ts';

const SHAPES: Record<string, CircuitBreakerOptions> = {
  'without timer and measurement': { timeout: false, responseTimes: false },
  measured: { timeout: false },
  'with a timeout': { timeout: 1_000, responseTimes: false },
  'by default': {},
};

for (const [shape, options] of Object.entries(SHAPES)) {
  onEachBackend(`execute() ${shape}`, (backend) => {
    it('returns the result of the function', async () => {
      const { breaker } = quickBreaker(backend, options);
      const object = { some: 'object' };
      assert.equal(await breaker.execute(() => 1), 1);
      assert.equal(await breaker.execute(async () => object), object);
      assert.equal(await breaker.execute(() => undefined), undefined);
      assert.equal(breaker.getStats().totalSuccesses, 3);
      assert.equal(breaker.getStats().inFlight, 0);
    });

    it('counts a function that throws at once', async () => {
      const { breaker } = quickBreaker(backend, { ...options, failureThreshold: 1 });
      const call = breaker.execute(() => {
        throw new Error('down');
      });
      assert.equal(breaker.state, 'OPEN');
      assert.equal(breaker.getStats().inFlight, 0);
      await rejection(call);
    });

    it('rejects with the same error that the function throws or rejects with', async () => {
      const { breaker } = quickBreaker(backend, { ...options, failureThreshold: 100 });
      for (const error of [new Error('down'), 'text', 0, null, undefined, Object.freeze({ frozen: true })]) {
        assert.equal(await rejection(breaker.execute(() => Promise.reject(error))), error);
        const sync = breaker.execute(() => {
          throw error;
        });
        assert.ok(sync instanceof Promise);
        assert.equal(await rejection(sync), error);
      }
      assert.equal(breaker.getStats().totalFailures, 12);
      assert.equal(breaker.getStats().inFlight, 0);
    });

    it('adopts a thenable once', async () => {
      const { breaker } = quickBreaker(backend, { ...options, failureThreshold: 100 });
      let adoptions = 0;
      const thenable = (settle: (resolve: (value: string) => void, reject: (error: unknown) => void) => void) => ({
        then(resolve: (value: string) => void, reject: (error: unknown) => void) {
          adoptions++;
          settle(resolve, reject);
        },
      });
      const error = new Error('down');
      assert.equal(
        await breaker.execute(() => thenable((resolve) => resolve('value')) as PromiseLike<string>),
        'value',
      );
      assert.equal(
        await breaker.execute(thenable((resolve) => resolve('observed')) as PromiseLike<string>),
        'observed',
      );
      const rejecting = thenable((_, reject) => reject(error)) as PromiseLike<string>;
      assert.equal(await rejection(breaker.execute(() => rejecting)), error);
      const throwing = thenable(() => {
        throw error;
      }) as PromiseLike<string>;
      assert.equal(await rejection(breaker.execute(() => throwing)), error);
      const both = thenable((resolve, reject) => {
        resolve('first');
        reject(error);
        resolve('third');
      }) as PromiseLike<string>;
      assert.equal(await breaker.execute(() => both), 'first');
      assert.equal(adoptions, 5);
      const { totalSuccesses, totalFailures, inFlight } = breaker.getStats();
      assert.deepEqual(
        { totalSuccesses, totalFailures, inFlight },
        { totalSuccesses: 3, totalFailures: 2, inFlight: 0 },
      );
    });

    it('counts a thenable whose then cannot be read as a failure', async () => {
      const { breaker } = quickBreaker(backend, options);
      const error = new Error('unreadable');
      const unreadable = Object.defineProperty({}, 'then', {
        get() {
          throw error;
        },
      });
      assert.equal(await rejection(breaker.execute(() => unreadable)), error);
      assert.equal(await rejection(breaker.execute(unreadable as PromiseLike<never>)), error);
      assert.equal(breaker.getStats().totalFailures, 2);
    });

    it('counts a revoked proxy as a failure and loses no permit', async () => {
      const { breaker } = quickBreaker(backend, options);
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      assert.ok((await rejection(breaker.execute(() => proxy))) instanceof TypeError);
      assert.equal(breaker.getStats().inFlight, 0);
      assert.equal(breaker.getStats().totalFailures, 1);
    });

    it('ignores a then that was put onto a native promise, as await does', async () => {
      const { breaker } = quickBreaker(backend, options);
      const promise = Object.assign(Promise.resolve(1), {
        then: (resolve: (value: number) => void) => {
          resolve(2);
          resolve(3);
        },
      });
      assert.equal(await breaker.execute(() => promise as unknown as Promise<number>), 1);
      assert.equal(breaker.getStats().totalSuccesses, 1);
    });

    it('passes a context to the function', async () => {
      const { breaker } = quickBreaker(backend, options);
      const context = await breaker.execute((context) => context);
      assert.equal(context.breaker, 'mpesa');
      assert.ok(context.signal instanceof AbortSignal);
      assert.equal(context.signal, context.signal);
      assert.equal(context.signal.aborted, false);
      assert.notEqual((await breaker.execute((context) => context)).signal, context.signal);
    });

    it('rejects work that is neither a function nor a promise, and takes no permit', async () => {
      const { breaker } = quickBreaker(backend, options);
      for (const work of [undefined, null, 1, 'text', true, 1n, Symbol('s'), {}, [], { then: 1 }]) {
        const error = await rejection(breaker.execute(work as never));
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /^Circuit breaker mpesa: execute takes a function or a promise, got /);
        assert.ok((await rejection(breaker.tryExecute(work as never))) instanceof TypeError);
      }
      assert.equal(breaker.getStats().totalRequests, 0);
    });

    it('rejects wrong call options', async () => {
      const { breaker } = quickBreaker(backend, options);
      for (const bad of [null, 1, 'text', { signal: 1 }, { signal: {} }, { signal: null }]) {
        assert.ok((await rejection(breaker.execute(() => 1, bad as never))) instanceof TypeError);
      }
      assert.equal(await breaker.execute(() => 1, {}), 1);
      assert.equal(await breaker.execute(() => 1, { signal: undefined }), 1);
      assert.equal(breaker.getStats().totalRequests, 2);
    });

    it('rejects without running the function while the circuit is open', async () => {
      const { breaker } = quickBreaker(backend, options);
      const cause = new Error('down');
      await open(breaker, cause);
      const before = Date.now();
      const error = await rejection(breaker.execute(() => assert.fail('must not run')));
      assert.ok(error instanceof CircuitOpenError && error instanceof Error);
      assert.equal(
        error.message,
        'Circuit breaker mpesa is OPEN: 2 failures in 60 s (threshold 2); last error: Error: down; next attempt in 1 s',
      );
      assert.equal(error.name, 'CircuitOpenError');
      assert.equal(error.code, 'ERR_CIRCUIT_OPEN');
      assert.equal(error.circuitBreakerOpen, true);
      assert.equal(error.breaker, 'mpesa');
      assert.equal(error.state, 'OPEN');
      assert.equal(error.reason, 'open');
      assert.equal(error.retryAfter, 1_000);
      assert.ok(error.nextAttempt instanceof Date && error.nextAttempt.getTime() >= before + 1_000);
      assert.equal(String(error.cause), String(cause));
      assert.equal(error.stack?.includes('\n'), false);
      assert.equal(breaker.getStats().totalRejected, 1);
    });

    it('reports the outcome of a call through tryExecute()', async () => {
      const { breaker } = quickBreaker(backend, options);
      const error = new Error('down');
      assert.deepEqual(await breaker.tryExecute(() => 1), { status: 'success', value: 1, source: 'call' });
      assert.deepEqual(await breaker.tryExecute(Promise.resolve(2)), { status: 'success', value: 2, source: 'call' });
      assert.deepEqual(await breaker.tryExecute(() => Promise.reject(error)), { status: 'failure', error });
      const throwing = () => {
        throw error;
      };
      assert.deepEqual(await breaker.tryExecute(throwing), { status: 'failure', error });
      const result = await breaker.tryExecute(() => assert.fail('must not run'));
      assert.ok(result.status === 'rejected' && result.rejection instanceof CircuitOpenError);
      assert.equal(result.retryAfter, 1_000);
      assert.equal('reason' in result, false);
      const { policy, reason, state, retryAfter } = result.rejection;
      assert.deepEqual([policy, reason, state, retryAfter], ['mpesa', 'open', 'OPEN', 1_000]);
      assert.equal(result.rejection, result.rejection);
    });

    it('passes the context of the call, the arguments and this through wrap()', async () => {
      const { breaker } = quickBreaker(backend, options);
      const service = {
        base: 10,
        add: breaker.wrap(async function (this: { base: number }, call, left: number, right: number) {
          assert.equal(call.signal.aborted, false);
          return this.base + left + right;
        }),
      };
      assert.equal(await service.add(1, 2), 13);
      assert.throws(() => breaker.wrap(1 as never), { name: 'TypeError', message: /wrap takes a function/ });
    });

    it('settles each of many concurrent calls with its own result', async () => {
      const { breaker } = quickBreaker(backend, options);
      const calls = Array.from({ length: 50 }, () => deferred<number>());
      const results = calls.map(({ promise }) => breaker.execute(() => promise));
      assert.equal(breaker.getStats().inFlight, 50);
      calls.forEach((call, index) => (index % 10 === 9 ? call.reject(index) : call.resolve(index)));
      const settled = await Promise.allSettled(results);
      settled.forEach((result, index) => {
        if (result.status === 'fulfilled') assert.equal(result.value, index);
        else assert.equal(result.reason, index);
      });
      const { totalSuccesses, totalFailures, totalRequests, inFlight } = breaker.getStats();
      assert.equal(totalSuccesses + totalFailures, 50);
      assert.equal(totalRequests, 50);
      assert.equal(inFlight, 0);
    });

    it('counts results of an older generation only in the totals', async () => {
      const { breaker } = quickBreaker(backend, options);
      const late = deferred<number>();
      const call = breaker.execute(() => late.promise);
      breaker.reset();
      late.reject(new Error('late'));
      await rejection(call);
      const { failureCount, totalFailures } = breaker.getStats();
      assert.deepEqual({ failureCount, totalFailures }, { failureCount: 0, totalFailures: 1 });
    });

    it('lets the function call the breaker', async () => {
      const { breaker } = quickBreaker(backend, options);
      const value = await breaker.execute(async () => {
        breaker.reset();
        const inner = await breaker.execute(() => 1);
        return inner + 1;
      });
      assert.equal(value, 2);
      assert.equal(breaker.getStats().inFlight, 0);
    });
  });
}

onEachBackend('execute() of a promise', (backend) => {
  it('rejects while the circuit is open, and handles the rejection of the promise', async () => {
    const { breaker } = quickBreaker(backend);
    await open(breaker);
    const work = deferred();
    assert.ok((await rejection(breaker.execute(work.promise))) instanceof CircuitOpenError);
    work.reject(new Error('nobody waits for this'));
    await turn();
  });

  it('does not start a lazy thenable while the circuit is open', async () => {
    const { breaker } = quickBreaker(backend);
    await open(breaker);
    const lazy = {
      then: () => assert.fail('must not be started'),
    };
    assert.ok((await rejection(breaker.execute(lazy as never))) instanceof CircuitOpenError);
  });

  it('observes a promise of another realm', () => {
    const { status, stdout, stderr } = runScript(`
      import { runInNewContext } from 'node:vm';
      import { CircuitBreaker } from 'fusewire';
      const breaker = new CircuitBreaker({ backend: '${backend}' });
      breaker.forceOpen();
      await breaker.execute(runInNewContext('Promise.reject(new Error("foreign"))')).catch((error) => console.log(error.code));
    `);
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'ERR_CIRCUIT_OPEN', stderr: '' });
  });
});
