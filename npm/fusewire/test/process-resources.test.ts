// Tests that need a process of their own: unhandled rejections, garbage collection, timers, process exit.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { COUNTING, onEachBackend, runScript } from './support.ts';

const STRICT = '--unhandled-rejections=strict';
const BREAKERS = (backend: string) => `
  import { CircuitBreaker } from 'fusewire';
  const options = { backend: '${backend}', failureThreshold: 1000 };
  const breakers = [
    new CircuitBreaker({ ...options, timeout: false, responseTimes: false }),
    new CircuitBreaker({ ...options, timeout: false }),
    new CircuitBreaker({ ...options, timeout: 20 }),
  ];
`;

onEachBackend('unhandled rejections', (backend) => {
  it('are never caused by the library', () => {
    assertPrints(
      'done',
      `${BREAKERS(backend)}
      const down = () => Promise.reject(new Error('down'));
      const hung = () => new Promise((_, reject) => setTimeout(reject, 40, new Error('late')));
      const swallow = (promise) => promise.catch(() => undefined);
      for (const breaker of breakers) {
        breaker.on('failure', async () => { throw new Error('listener'); });
        breaker.on('success', () => ({ then(_, reject) { reject(new Error('thenable')); } }));
        await swallow(breaker.execute(down));
        await swallow(breaker.execute(() => { throw new Error('thrown'); }));
        await swallow(breaker.execute(down()));
        await breaker.tryExecute(down);
        await breaker.execute(() => 1);
        await swallow(breaker.execute(hung));
        await swallow(breaker.execute(1));
        const controller = new AbortController();
        const aborted = swallow(breaker.execute(hung, { signal: controller.signal }));
        controller.abort();
        await aborted;
        await swallow(breaker.execute(down(), { signal: controller.signal }));
        const release = breaker.forceOpen();
        await swallow(breaker.execute(down()));
        await swallow(breaker.execute(down));
        await breaker.tryExecute(down());
        release();
        breaker.dispose();
        await swallow(breaker.execute(down()));
        await swallow(breaker.tryExecute(down()));
      }
      await new Promise((resolve) => setTimeout(resolve, 80));
      console.log('done');`,
      STRICT,
      '--no-warnings',
    );
  });

  it('are emitted once for each failed call that nobody awaits', () => {
    assertPrints(
      'down down thrown down down thrown down down thrown CallTimeoutError CircuitOpenError',
      `${BREAKERS(backend)}
      const seen = [];
      process.on('unhandledRejection', (error) => seen.push(error.message === 'down' || error.message === 'thrown' ? error.message : error.name));
      const wait = () => new Promise((resolve) => setImmediate(resolve));
      for (const breaker of breakers) {
        breaker.execute(() => Promise.reject(new Error('down')));
        await wait();
        breaker.execute(Promise.reject(new Error('down')));
        await wait();
        breaker.execute(() => { throw new Error('thrown'); });
        await wait();
      }
      breakers[2].execute(() => new Promise(() => undefined));
      await new Promise((resolve) => setTimeout(resolve, 60));
      breakers[0].forceOpen();
      breakers[0].execute(() => 1);
      await wait();
      console.log(seen.join(' '));`,
    );
  });

  it('are not emitted where the caller attaches a handler one microtask later', () => {
    assertPrints(
      'done',
      `${BREAKERS(backend)}
      for (const breaker of breakers) {
        for (const work of [() => Promise.reject(new Error('down')), () => { throw new Error('thrown'); }, 1]) {
          const call = breaker.execute(work);
          await undefined;
          call.catch(() => undefined);
          await call.catch(() => undefined);
        }
      }
      console.log('done');`,
      STRICT,
    );
  });
});

onEachBackend('an unreferenced breaker', (backend) => {
  it('is collected with its engine memory, also after calls, timeouts and aborts', () => {
    assertPrints(
      'kept 1',
      `${COUNTING}
      const kept = new CircuitBreaker({ backend: '${backend}' });
      await kept.execute(() => 1);
      const { signal } = new AbortController();
      await (async () => {
        for (let index = 0; index < 300; index++) {
          const breaker = new CircuitBreaker({
            backend: '${backend}',
            timeout: index % 3 === 0 ? false : 5 + (index % 3),
            responseTimes: index % 2 === 0,
            logger: index % 5 === 0 ? console : undefined,
          });
          breaker.on('success', () => breaker.name);
          await breaker.execute(() => 1, index % 2 === 0 ? { signal } : undefined);
          await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
          if (index % 30 === 1) await breaker.execute(() => new Promise((resolve) => setTimeout(resolve, 20))).catch(() => undefined);
        }
      })();
      for (let attempt = 0; attempt < 200 && count('${backend}') > 1; attempt++) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      console.log('kept', count('${backend}'), kept.state === 'CLOSED' ? '' : 'broken');`,
      '--expose-gc',
    );
  });

  it('stays alive while a call is in flight or a function of wrap() is referenced', () => {
    assertPrints(
      '2 1 1 value 0',
      `${COUNTING}
      let resolve;
      let call;
      let wrapped;
      (() => {
        const breaker = new CircuitBreaker({ backend: '${backend}' });
        call = breaker.execute(() => new Promise((settle) => { resolve = settle; }));
        wrapped = new CircuitBreaker({ backend: '${backend}', timeout: false }).wrap(() => 1);
      })();
      const collect = async (until) => {
        for (let attempt = 0; attempt < 20 || (attempt < 200 && count('${backend}') > until); attempt++) {
          gc();
          await turn();
        }
        return count('${backend}');
      };
      const first = await collect(2);
      resolve('value');
      const value = await call;
      call = resolve = undefined;
      const second = await collect(1);
      const third = await wrapped();
      wrapped = undefined;
      console.log(first, second, third, value, await collect(0));`,
      '--expose-gc',
    );
  });

  it('is freed only once after dispose()', () => {
    assertPrints(
      '0 1',
      `${COUNTING}
      (() => { new CircuitBreaker({ backend: '${backend}' }).dispose(); })();
      const before = count('${backend}');
      const next = new CircuitBreaker({ backend: '${backend}' });
      for (let attempt = 0; attempt < 20; attempt++) { gc(); await turn(); }
      console.log(before, count('${backend}'));
      next.dispose();`,
      '--expose-gc',
    );
  });

  it('leaves no engine memory if its options were wrong', () => {
    assertPrints(
      '1',
      `${COUNTING}
      const kept = new CircuitBreaker({ backend: '${backend}' });
      for (const options of [{ clock: 1 }, { failureThreshold: 0 }, { retries: 1 }, { name: '' }]) {
        try { new CircuitBreaker({ backend: '${backend}', ...options }); } catch {}
      }
      console.log(count('${backend}') + kept.getStats().inFlight);`,
    );
  });
});

onEachBackend('timers', (backend) => {
  it('do not exist at rest; one serves all calls in flight', () => {
    assertPrints(
      '0 1 0',
      `
      import { createHook } from 'node:async_hooks';
      import { CircuitBreaker } from 'fusewire';
      const timers = new Set();
      createHook({
        init: (id, type) => { if (type === 'Timeout') timers.add(id); },
        destroy: (id) => { timers.delete(id); },
      }).enable();
      const turns = async () => { for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve)); };
      const breakers = Array.from({ length: 100 }, (_, index) => new CircuitBreaker({ backend: '${backend}', timeout: 10_000 + index % 7 }));
      for (const breaker of breakers) await breaker.execute(() => 1);
      await turns();
      const before = timers.size;
      const resolves = [];
      const calls = breakers.map((breaker) => breaker.execute(() => new Promise((resolve) => resolves.push(resolve))));
      await turns();
      const during = timers.size;
      resolves.forEach((resolve) => resolve());
      await Promise.all(calls);
      await turns();
      console.log(before, during, timers.size);`,
    );
  });

  it('do not delay process exit', () => {
    // If the timer kept the process alive, runScript() would stop the process before it prints.
    assertPrints(
      'done',
      `
      import { CircuitBreaker } from 'fusewire';
      const breaker = new CircuitBreaker({ backend: '${backend}', timeout: 1_000_000 });
      await breaker.execute(() => 1);
      breaker.forceOpen();
      await breaker.tryExecute(() => 1);
      console.log('done');`,
    );
  });

  it('keep the process alive for a call that is in flight', () => {
    assertPrints(
      'CallTimeoutError',
      `
      import { CircuitBreaker } from 'fusewire';
      const breaker = new CircuitBreaker({ backend: '${backend}', timeout: 30 });
      breaker.execute(() => new Promise(() => undefined)).catch((error) => console.log(error.name));`,
    );
  });

  it('wait exactly the timeout although sums of clock readings are rounded', () => {
    assertPrints(
      '50',
      `
      globalThis.performance = { now: () => 2047.3 };
      globalThis.setTimeout = (callback, wait) => console.log(wait);
      const { CircuitBreaker } = await import('fusewire');
      const breaker = new CircuitBreaker({ backend: '${backend}', timeout: 50 });
      void breaker.execute(() => new Promise(() => undefined));`,
    );
  });
});

onEachBackend('a FusewireWarning', (backend) => {
  it('reports the first error of each kind where there is no logger', () => {
    const { status, stderr } = runScript(`
      import { CircuitBreaker } from 'fusewire';
      const breaker = new CircuitBreaker({ name: 'mpesa', backend: '${backend}', isFailure: () => { throw new Error('bug'); } });
      breaker.on('failure', () => { throw new TypeError('oops'); });
      for (let call = 0; call < 4; call++) await breaker.execute(() => 1);`);
    assert.equal(status, 0);
    assert.equal(stderr.match(/FusewireWarning/g)?.length, 2, stderr);
    assert.match(stderr, /Circuit breaker mpesa: a listener of 'failure' failed: TypeError: oops/);
    assert.match(stderr, /Circuit breaker mpesa: isFailure failed, the call counts as a failure: Error: bug/);
  });
});

function assertPrints(expected: string, script: string, ...flags: string[]): void {
  const { status, stdout, stderr } = runScript(script, ...flags);
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: expected, stderr: '' });
}
