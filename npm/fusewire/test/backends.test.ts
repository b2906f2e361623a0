import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as module from 'fusewire';
import { BreakerRegistry, CircuitBreaker, EngineLoadError, CircuitOpenError } from 'fusewire';
import { nativeProblem, onEachBackend, rejection, runScript } from './support.ts';

onEachBackend('the backend option', (backend) => {
  it('selects the engine of the breaker', async () => {
    const breaker = new CircuitBreaker({ backend });
    assert.equal(breaker.backend, backend);
    assert.equal(await breaker.execute(() => 1), 1);
    assert.equal(breaker.getStats().totalSuccesses, 1);
  });
});

describe('the backend option', () => {
  it('is WebAssembly by default', () => {
    assert.equal(new CircuitBreaker().backend, 'wasm');
  });

  it('can be native here: no native test was skipped', () => {
    assert.equal(nativeProblem, undefined);
  });

  it('throws an error that lists each attempt where the addon cannot be loaded, and never falls back', () => {
    const { stdout } = runScript(`
      import { CircuitBreaker, EngineLoadError } from 'fusewire';
      process.env.FUSEWIRE_NATIVE_PATH = '/does/not/exist.node';
      for (const options of [{ backend: 'native' }, { scope: 'process', name: 'mpesa' }]) {
        try {
          console.log(new CircuitBreaker(options).backend);
        } catch (error) {
          console.log(error instanceof EngineLoadError, error.code, error.backend, JSON.stringify(error.attempts), error.message.includes('/does/not/exist.node: '));
        }
      }`);
    const line =
      'true ERR_ENGINE_LOAD native [{"path":"/does/not/exist.node","reason":"Cannot find module \'/does/not/exist.node\'"}] true';
    assert.deepEqual(stdout.split('\n'), [line, line]);
  });

  it('rejects an addon of another version', () => {
    const { stdout } = runScript(`
      import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
      import { tmpdir } from 'node:os';
      import { join } from 'node:path';
      import { CircuitBreaker } from 'fusewire';
      const folder = mkdtempSync(join(tmpdir(), 'fusewire-'));
      process.env.FUSEWIRE_NATIVE_PATH = join(folder, 'addon.cjs');
      for (const version of ["version: () => '0.0.1'", '']) {
        writeFileSync(process.env.FUSEWIRE_NATIVE_PATH, 'module.exports = {' + version + '}');
        delete process.getBuiltinModule('node:module').createRequire(import.meta.url).cache[process.env.FUSEWIRE_NATIVE_PATH];
        try { new CircuitBreaker({ backend: 'native' }); } catch (error) { console.log(error.attempts[0].reason); }
      }
      rmSync(folder, { recursive: true });`);
    const ours = (createRequire(import.meta.url)('fusewire/package.json') as { version: string }).version;
    assert.deepEqual(stdout.split('\n'), [
      `its version is 0.0.1, but this package needs ${ours}`,
      `its version is unknown, but this package needs ${ours}`,
    ]);
  });

  it('looks for the addon under the names of the platform', () => {
    const tried = (platform: string) =>
      runScript(`
        for (const [name, value] of [['platform', '${platform}'], ['arch', 'arm']]) {
          Object.defineProperty(process, name, { value });
        }
        const { CircuitBreaker } = await import('fusewire');
        try { new CircuitBreaker({ backend: 'native' }); } catch (error) {
          console.log(error.attempts.map(({ path }) => path.split('/').slice(-2).join('/')).join(' '));
        }`).stdout.split(' ');
    assert.deepEqual(tried('win32'), ['@fusewire/native-win32-arm-msvc', 'dist/fusewire.win32-arm-msvc.node']);
    assert.deepEqual(tried('darwin'), ['@fusewire/native-darwin-arm', 'dist/fusewire.darwin-arm.node']);
    assert.deepEqual(tried('linux'), [
      ...['@fusewire/native-linux-arm-gnu', '@fusewire/native-linux-arm-musl'],
      ...['dist/fusewire.linux-arm-gnu.node', 'dist/fusewire.linux-arm-musl.node'],
    ]);
  });

  it('creates breakers, and looks for the addon, where the environment must not be read', () => {
    const { stdout } = runScript(`
      for (const name of ['NODE_ENV', 'FUSEWIRE_NATIVE_PATH']) delete process.env[name];
      process.env = Object.create(process.env, Object.fromEntries(['NODE_ENV', 'FUSEWIRE_NATIVE_PATH'].map(
        (name) => [name, { get() { throw new Error('NotCapable: ' + name); } }])));
      const { CircuitBreaker, EngineLoadError } = await import('fusewire');
      Object.defineProperty(process, 'platform', { value: 'none' });
      console.log(await new CircuitBreaker().execute(() => 'done'));
      try { new CircuitBreaker({ backend: 'native' }); } catch (error) { console.log(error instanceof EngineLoadError); }`);
    assert.deepEqual(stdout.split('\n'), ['done', 'true']);
  });

  const WITHOUT_WEBASSEMBLY = {
    'the flag --jitless': ['', '--jitless'],
    'a limit of memory': ["WebAssembly.Instance = function () { throw new RangeError('Out of memory'); };"],
  } as const;
  for (const [cause, [start, ...flags]] of Object.entries(WITHOUT_WEBASSEMBLY)) {
    it(`throws EngineLoadError where ${cause} forbids WebAssembly and there is no addon`, () => {
      const { stdout } = runScript(
        `${start}
        import { EngineLoadError, CircuitBreaker, bulkhead, retry } from 'fusewire';
        process.env.FUSEWIRE_NATIVE_PATH = '/does/not/exist.node';
        const policies = [() => bulkhead({ limit: 1 }), () => retry()];
        for (const create of [() => new CircuitBreaker(), () => new CircuitBreaker({ timeout: -1 }), ...policies]) {
          try { create(); } catch (error) {
            console.log(error instanceof EngineLoadError, error.backend, error.attempts.length);
          }
        }`,
        ...flags,
      );
      assert.deepEqual(stdout.split('\n'), ['true wasm 1', 'true wasm 1', 'true wasm 1', 'true wasm 1']);
    });

    it(`runs breakers and policies on the addon where ${cause} forbids WebAssembly`, { skip: nativeProblem }, () => {
      const { stdout } = runScript(
        `${start}
        import { CircuitBreaker, bulkhead, EngineLoadError } from 'fusewire';
        const breaker = new CircuitBreaker();
        console.log(breaker.backend, await breaker.execute(() => bulkhead({ limit: 1 }).execute(() => 'done')));
        try { new CircuitBreaker({ timeout: -1 }); } catch (error) { console.log(error.code); }
        try { new CircuitBreaker({ backend: 'wasm' }); } catch (error) { console.log(error instanceof EngineLoadError); }`,
        ...flags,
      );
      assert.deepEqual(stdout.split('\n'), ['native done', 'ERR_OPTIONS', 'true']);
    });
  }

  it('does not load the addon while other options are wrong', () => {
    const { stdout } = runScript(`
      import { CircuitBreaker } from 'fusewire';
      process.env.FUSEWIRE_NATIVE_PATH = '/does/not/exist.node';
      try { new CircuitBreaker({ backend: 'native', clock: 1 }); } catch (error) { console.log(error.code); }`);
    assert.equal(stdout, 'ERR_OPTIONS');
  });

  it('rejects every value but wasm and native', () => {
    for (const backend of ['', 'rust', 'WASM', 1, null, {}]) {
      assert.throws(() => new CircuitBreaker({ backend } as never), /backend must be 'wasm' or 'native', got /);
    }
    assert.throws(
      () => new CircuitBreaker({ name: 'mpesa', scope: 'process', backend: 'wasm' }),
      /backend must be 'native' where scope is 'process'/,
    );
    assert.throws(() => new CircuitBreaker({ scope: 'process' }), /name must be given where scope is 'process'/);
  });
});

describe("scope 'process'", { skip: nativeProblem }, () => {
  it('shares one breaker among all instances of the name', async () => {
    const options = { name: 'shared', scope: 'process', failureThreshold: 2, timeout: false } as const;
    const [here, there] = [new CircuitBreaker(options), new CircuitBreaker(options)];
    assert.equal(here.backend, 'native');
    const seen: string[] = [];
    there.on('stateChange', ({ from, to, reason }) => seen.push(`${from} ${to} ${reason}`));
    await rejection(here.execute(() => Promise.reject(new Error('down'))));
    await rejection(here.execute(() => Promise.reject(new Error('down'))));
    assert.ok((await rejection(there.execute(() => assert.fail('must not run')))) instanceof CircuitOpenError);
    assert.deepEqual(seen, ['CLOSED OPEN failure-threshold']);
    assert.equal(there.getStats().totalFailures, 2);
    there.reset();
    assert.equal(here.state, 'CLOSED');
    assert.equal(await here.execute(() => 1), 1);
    here.dispose();
    assert.equal(there.getStats().totalSuccesses, 1);
    there.dispose();
    assert.equal(new CircuitBreaker(options).getStats().totalSuccesses, 0);
  });

  it('rejects after another instance forces the circuit open, also without measurement', async () => {
    const options = { name: 'lean', scope: 'process', timeout: false, responseTimes: false } as const;
    const [here, there] = [new CircuitBreaker(options), new CircuitBreaker(options)];
    assert.equal(await here.execute(() => 1), 1);
    there.forceOpen();
    assert.ok((await rejection(here.execute(() => 1))) instanceof CircuitOpenError);
    there.releaseOverride();
    assert.equal(await here.execute(() => 2), 2);
  });

  it('rejects other options for the same name', () => {
    const kept = new CircuitBreaker({ name: 'strict', scope: 'process', failureThreshold: 2 });
    assert.throws(
      () => new CircuitBreaker({ name: 'strict', scope: 'process', failureThreshold: 3 }),
      /Circuit breaker strict: scope must be used with the same options/,
    );
    assert.equal(kept.state, 'CLOSED');
  });

  it('shares a breaker among worker threads, and forgets it after the last one', async () => {
    const options = { name: 'threads', scope: 'process', failureThreshold: 3, resetTimeout: 60_000 } as const;
    const here = new CircuitBreaker(options);
    await Promise.all([1, 2, 3].map(() => failInWorker(options)));
    assert.equal(here.state, 'OPEN');
    assert.equal(here.getStats().totalFailures, 3);
    const { retryAfter } = here.getStats();
    assert.ok(retryAfter !== null && retryAfter > 0 && retryAfter <= 60_000, `${retryAfter}`);
    assert.ok((await rejection(here.execute(() => assert.fail('must not run')))) instanceof CircuitOpenError);
    here.dispose();
    await failInWorker(options);
    const after = new CircuitBreaker(options);
    assert.equal(after.getStats().totalFailures, 0);
    after.dispose();
  });
});

describe('the package', () => {
  it('is one instance for import and require', () => {
    const required = createRequire(import.meta.url)('fusewire') as typeof module;
    assert.equal(required.CircuitBreaker, CircuitBreaker);
    const names = (exports: object) => Object.keys(exports).toSorted();
    assert.deepEqual(names(required), names(module));
    assert.equal(CircuitBreaker.name, 'CircuitBreaker');
    assert.equal(BreakerRegistry.name, 'BreakerRegistry');
  });

  it('recognises errors of another copy of the package', async () => {
    const require = createRequire(import.meta.url);
    const path = require.resolve('fusewire');
    const cached = require.cache[path];
    delete require.cache[path];
    const copy = require('fusewire') as typeof module;
    require.cache[path] = cached;
    assert.notEqual(copy.CircuitBreaker, CircuitBreaker);
    const breaker = new copy.CircuitBreaker({ name: 'mpesa' });
    breaker.forceOpen();
    const error = await rejection(breaker.execute(() => 1));
    assert.ok(error instanceof CircuitOpenError && error.constructor !== CircuitOpenError);
    for (const odd of [null, undefined, 1, 'CircuitOpenError', {}, new Error('is OPEN')]) {
      assert.equal(odd instanceof CircuitOpenError, false);
      assert.equal(odd instanceof EngineLoadError, false);
    }
  });

  it('compiles no WebAssembly before the first breaker is created', () => {
    const { stdout } = runScript(`
      let compiled = 0;
      WebAssembly.Module = new Proxy(WebAssembly.Module, {
        construct(target, args) { compiled++; return Reflect.construct(target, args); },
      });
      const { CircuitBreaker } = await import('fusewire');
      const before = compiled;
      new CircuitBreaker();
      new CircuitBreaker();
      console.log(before, compiled);`);
    assert.equal(stdout, '0 1');
  });
});

function failInWorker(options: object): Promise<void> {
  const worker = new Worker(
    `
    import(${JSON.stringify(import.meta.resolve('fusewire'))}).then(async ({ CircuitBreaker }) => {
      const breaker = new CircuitBreaker(${JSON.stringify(options)});
      await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
    });`,
    { eval: true },
  );
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}
