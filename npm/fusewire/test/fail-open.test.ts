// An engine that traps must not fail a call. These tests make one function of the WebAssembly engine throw.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runScript } from './support.ts';

const TRAPPING = `
  const trapping = new Set();
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, args) {
      const { exports } = Reflect.construct(target, args);
      const wrapped = {};
      for (const [name, value] of Object.entries(exports)) {
        wrapped[name] = typeof value !== 'function' ? value : (...args) => {
          if (trapping.has(name)) throw new WebAssembly.RuntimeError('unreachable');
          return value(...args);
        };
      }
      return { exports: wrapped };
    },
  });
  const { CircuitBreaker } = await import('fusewire');
  const reported = [];
  const quiet = () => undefined;
  const logger = { debug: quiet, info: quiet, warn: quiet, error: (message, error) => reported.push(message + ' / ' + error.message) };
  const down = () => Promise.reject(new Error('down'));
  const deferred = () => {
    let resolve;
    const promise = new Promise((settle) => { resolve = settle; });
    return { promise, resolve };
  };
  const outcome = (promise) => promise.then((value) => value, (error) => error.message);
  const shapes = [{ timeout: false, responseTimes: false }, { timeout: false }, {}];
`;

describe('an engine that traps', () => {
  for (const name of [
    'settle',
    'admit',
    'poll',
    'word',
    'retryAfter',
    'setOverride',
    'reset',
    'stats',
    'explain',
    'snapshot',
  ]) {
    it(`in ${name} lets every call pass and is reported once`, () => {
      const { status, stdout, stderr } = runScript(
        `${TRAPPING}
        for (const shape of shapes) {
          reported.length = 0;
          const breaker = new CircuitBreaker({ name: 'mpesa', logger, failureThreshold: 1, ...shape });
          breaker.on('stateChange', quiet);
          const release = breaker.forceOpen();
          trapping.add('${name}');
          for (let turn = 0; turn < 3; turn++) {
            const inFlight = breaker.execute(async () => 'passed');
            breaker.state;
            breaker.getStats();
            breaker.explain();
            JSON.stringify(breaker);
            breaker.forceOpen()();
            breaker.reset();
            release();
            await outcome(inFlight);
            await outcome(breaker.execute(down));
          }
          const results = [
            await outcome(breaker.execute(async () => 'passed')),
            await outcome(breaker.execute(() => 'passed', { signal: new AbortController().signal })),
            await outcome(breaker.execute(down)),
            (await breaker.tryExecute(() => 1)).status,
          ];
          const { engineErrors, inFlight, state } = breaker.getStats();
          console.log(JSON.stringify({ results, engineErrors, inFlight, state, reported }));
          trapping.clear();
          breaker.dispose();
        }`,
        '--unhandled-rejections=strict',
      );
      assert.equal(stderr, '');
      assert.equal(status, 0);
      const lines = stdout.split('\n').map((line) => JSON.parse(line) as object);
      assert.equal(lines.length, 3);
      for (const line of lines) {
        assert.deepEqual(line, {
          results: ['passed', 'passed', 'down', 'success'],
          engineErrors: 1,
          inFlight: 0,
          state: 'CLOSED',
          reported: ['Circuit breaker mpesa: the engine failed, every call passes from now on / unreachable'],
        });
      }
    });
  }

  it('during construction gives a breaker that lets every call pass', () => {
    const { stdout, stderr } = runScript(
      `${TRAPPING}
      new CircuitBreaker();
      trapping.add('create');
      const breaker = new CircuitBreaker({ name: 'mpesa', logger });
      console.log(await breaker.execute(() => 'passed'), breaker.state, breaker.backend, breaker.getStats().engineErrors, reported.length);
      breaker.dispose();
      console.log(await outcome(breaker.execute(() => 1)));`,
    );
    assert.deepEqual(stdout.split('\n'), ['passed CLOSED wasm 1 1', 'Circuit breaker mpesa was disposed']);
    assert.equal(stderr, '');
  });

  it('while a breaker is freed throws nothing', () => {
    const { stdout, stderr, status } = runScript(
      `${TRAPPING}
      (() => new CircuitBreaker({ name: 'dropped' }))();
      const breaker = new CircuitBreaker({ name: 'mpesa', logger });
      trapping.add('free');
      breaker.dispose();
      gc();
      await new Promise((resolve) => setImmediate(resolve));
      console.log(breaker.disposed, reported.length);`,
      '--expose-gc',
    );
    assert.deepEqual({ stdout, stderr, status }, { stdout: 'true 1', stderr: '', status: 0 });
  });
});

describe('a policy engine that traps', () => {
  for (const name of [
    'enter',
    'leave',
    'next',
    'take',
    'sample',
    'shedLoadAdmit',
    'shedLoadAccept',
    'hedgeDelay',
    'deposit',
  ]) {
    it(`in ${name} lets every call pass and is reported once`, () => {
      const { status, stdout } = runScript(`${TRAPPING}
        const { adaptiveBulkhead, bulkhead, hedge, pipeline, rateLimit, retry, retryBudget, shedLoad } = await import('fusewire');
        const warnings = [];
        process.on('warning', ({ message }) => warnings.push(message));
        const bulkheads = bulkhead({ limit: 1, queueSize: 2 });
        const adaptiveBulkheads = adaptiveBulkhead({ initial: 1, queueSize: 2 });
        const budget = retryBudget();
        const all = pipeline([retry({ budget }), hedge({ idempotent: true }), shedLoad(), rateLimit({ limit: 1 }), adaptiveBulkheads, bulkheads]);
        const works = Array.from({ length: 3 }, () => deferred());
        const before = works.map(({ promise }) => pipeline([adaptiveBulkheads, bulkheads]).execute(() => promise));
        trapping.add('${name}');
        const during = Array.from({ length: 3 }, () => all.execute(async () => 'during'));
        works.forEach(({ resolve }) => resolve('before'));
        console.log(JSON.stringify(await Promise.all([...before, ...during].map(outcome))));
        console.log(await outcome(all.execute(async () => 'after')));
        await new Promise((resolve) => setImmediate(resolve));
        console.log(warnings.filter((message) => /the engine of the policies failed/.test(message)).length);
      `);
      assert.equal(status, 0);
      const [settled = '', after, reported] = stdout.split('\n');
      assert.deepEqual((JSON.parse(settled) as string[]).slice(0, 3), ['before', 'before', 'before']);
      assert.deepEqual({ after, reported }, { after: 'after', reported: '1' });
    });
  }

  it('in nextDelay or withdraw delays retries and grants none from a budget', () => {
    const { stdout } = runScript(`${TRAPPING}
      const { retry, retryBudget } = await import('fusewire');
      const [again, paid] = [retry({ delay: 1 }), retry({ delay: 1, budget: retryBudget() })];
      let runs = 0;
      trapping.add('nextDelay').add('withdraw');
      const failing = again.execute(() => (runs++, down())).catch(() => undefined);
      await outcome(paid.execute(() => (runs++, down())));
      await new Promise((resolve) => setTimeout(resolve, 50));
      console.log(runs);
      process.exit();
    `);
    assert.equal(stdout, '2');
  });
});
