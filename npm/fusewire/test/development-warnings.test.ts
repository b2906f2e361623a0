import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';

const fusewire = createRequire(import.meta.url).resolve('fusewire');

/** Runs a program with `CircuitBreaker`, … in scope; returns its output and its FusewireWarnings. */
function run(program: string, environment = 'development'): { output: string; warnings: string[] } {
  const start = `const { CircuitBreaker, BreakerRegistry, pipeline, retry } = require(${JSON.stringify(fusewire)});
    process.on('warning', ({ name, code, message }) => console.log([name, code, message].join('|')));
    const turns = async (number, work) => { for (let at = 0; at < number; at++) { work(at); await null; } };`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--no-warnings', '-e', `${start}\n${program}`], {
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: environment },
  });
  assert.equal(status, 0, stderr);
  const lines = stdout.split('\n').filter((line) => line !== '');
  const warnings = lines.filter((line) => line.startsWith('FusewireWarning|'));
  return { output: lines.filter((line) => !warnings.includes(line)).join('\n'), warnings };
}

const PER_REQUEST =
  'FusewireWarning|made-per-request|Circuit breaker mpesa: 10 breakers of this name were made within 10000 ms. ' +
  'Make it once, where the module is loaded, or ask a BreakerRegistry for it.';

describe('NODE_ENV=development', () => {
  it('warns once of a breaker that is created per request', () => {
    assert.deepEqual(run(`turns(40, () => new CircuitBreaker({ name: 'mpesa' }))`).warnings, [PER_REQUEST]);
  });

  it('warns once for each name', () => {
    const { warnings } = run(`turns(40, (at) => new CircuitBreaker({ name: at % 2 ? 'mpesa' : 'sms' }))`);
    assert.deepEqual(
      warnings.map((warning) => warning.split('|')[1]),
      ['made-per-request', 'made-per-request'],
    );
  });

  it('does not warn of breakers in a list, in a registry, or created over a long time', () => {
    const quiet = `
      for (let at = 0; at < 40; at++) new CircuitBreaker({ name: 'shard' });
      const registry = new BreakerRegistry();
      turns(40, (at) => registry.for('tenant-' + at));
      turns(40, () => registry.for('tenant'));
      turns(9, () => new CircuitBreaker({ name: 'reloaded' }));
      let now = 0;
      Date.now = () => now;
      globalThis.Date = class extends Date { static now() { return now; } };
      turns(40, () => { now += 2_000; new CircuitBreaker({ name: 'slowly' }); });`;
    assert.deepEqual(run(quiet).warnings, []);
  });

  it('warns of everything the doctor reports, once for each breaker', () => {
    const { warnings } = run(`
      for (const name of ['a', 'b', 'a']) new CircuitBreaker({ name, resetTimeout: 5_000 });
      new CircuitBreaker({ maxConcurrentRequests: 3 });
      pipeline([new CircuitBreaker({ name: 'c' }), retry()], { checked: false });`);
    const advice = 'Make resetTimeout at least as long as timeout: mostly by a shorter timeout.';
    assert.deepEqual(
      warnings.map((warning) => warning.slice('FusewireWarning|'.length)),
      [
        ...['a', 'b'].map(
          (name) =>
            `reset-shorter-than-timeout|Circuit breaker ${name}: it is open for 5000 ms, and a call may take 30000 ms. ${advice}`,
        ),
        'more-probes-than-needed|Circuit breaker unnamed: 3 probes go at once while it is half-open, and 2 decide. ' +
          'Make maxConcurrentRequests at most successThreshold, or halfOpen.calls. It limits probes alone; a bulkhead limits all calls.',
        "unnamed|Circuit breaker unnamed: it has no name. Name it after what it protects: { name: 'mpesa' }.",
        'retry-inside-breaker|Pipeline c: the retry is inside of the breaker c. ' +
          'Put the retry around the breaker: an open circuit then ends the attempts at once.',
      ],
    );
  });

  it('warns through the logger of the breaker instead of the process', () => {
    const { warnings, output } = run(`
      const logger = { debug() {}, info() {}, error() {}, warn: (text, { code }) => console.log(code, text) };
      new CircuitBreaker({ name: 'a', resetTimeout: 5_000, logger });`);
    assert.deepEqual(warnings, []);
    assert.match(output, /^reset-shorter-than-timeout Circuit breaker a: it is open for 5000 ms/);
  });

  it('does not warn about client settings that it cannot know', () => {
    assert.deepEqual(run(`new CircuitBreaker({ name: 'a', timeout: false })`).warnings, []);
  });

  it('prints no warning for a sound breaker', () => {
    assert.deepEqual(run(`new CircuitBreaker({ name: 'a' }).execute(() => console.log('ok'))`), {
      output: 'ok',
      warnings: [],
    });
  });

  it('reports a diagnosis that fails, and creates the breaker', () => {
    const { output, warnings } = run(`
      const options = { name: 'a', logger: undefined };
      let reads = 0;
      Object.defineProperty(options, 'maxConcurrentRequests', { enumerable: true, get() { if (reads++ > 0) throw new Error('read'); } });
      console.log(new CircuitBreaker(options).state);`);
    assert.equal(output, 'CLOSED');
    assert.deepEqual(warnings, ['FusewireWarning||fusewire: the diagnosis failed: Error: read']);
  });
});

describe('any other NODE_ENV', () => {
  for (const environment of ['production', 'test', '']) {
    it(`warns of nothing and loads no diagnosis: ${environment || 'not set'}`, () => {
      const { output, warnings } = run(
        `turns(40, () => new CircuitBreaker({ name: 'mpesa', resetTimeout: 1 })).then(() =>
          console.log(Object.keys(require.cache).filter((file) => file.endsWith('warnings.cjs')).length))`,
        environment,
      );
      assert.deepEqual([output, warnings], ['0', []]);
    });
  }
});

describe('An AbortError in development', () => {
  const breaker = `const breaker = new CircuitBreaker({ name: 'mpesa', consecutiveFailureThreshold: 100 });
    const aborting = () => Promise.reject(new DOMException('enough', 'AbortError'));
    const ignore = () => undefined;`;
  const WARNING =
    'FusewireWarning|abort-without-signal|Circuit breaker mpesa: a call rejected with AbortError although no signal was ' +
    "given to execute, and counts as a failure. Pass the caller's signal: execute(work, { signal }). An abort by the caller " +
    'then counts neither way.';

  for (const [what, call] of [
    ['a breaker', 'breaker.execute(aborting)'],
    [
      'a breaker without timeout',
      `new CircuitBreaker({ name: 'mpesa', timeout: false, responseTimes: false }).execute(aborting)`,
    ],
    ['a pipeline', 'pipeline([breaker]).execute(aborting)'],
  ]) {
    it(`is warned of once where no signal was given to ${what}`, () => {
      const { warnings } = run(`${breaker} for (let at = 0; at < 3; at++) ${call}.catch(ignore);`);
      assert.deepEqual(warnings, [WARNING]);
    });
  }

  it('is not warned of where a signal was given, where it is ignored, and in production', () => {
    const quiet = `${breaker}
      const { signal } = new AbortController();
      breaker.execute(aborting, { signal }).catch(ignore);
      pipeline([breaker]).execute(aborting, { signal }).catch(ignore);
      new CircuitBreaker({ name: 'other', consecutiveFailureThreshold: 100, classify: () => 'ignore' }).execute(aborting).catch(ignore);`;
    assert.deepEqual(run(quiet).warnings, []);
    assert.deepEqual(run(`${breaker} breaker.execute(aborting).catch(ignore);`, 'production').warnings, []);
  });
});

describe('Work that goes on after a timeout in development', () => {
  const start = `const late = () => new Promise((resolve) => setTimeout(resolve, 120));
    const ignore = () => undefined;`;
  const WARNING =
    'FusewireWarning|work-not-ended|Work of mpesa: a call timed out, but its work went on, because it has never read the ' +
    'signal of the call. Hand the signal on: execute(({ signal }) => fetch(url, { signal })), or wrap(({ signal }, id) => …).';

  for (const [what, call] of [
    ['a breaker', `new CircuitBreaker({ name: 'mpesa', timeout: 60 }).execute(late)`],
    ['a breaker that has a promise', `new CircuitBreaker({ name: 'mpesa', timeout: 60 }).execute(late())`],
    ['a caller', `new CircuitBreaker({ name: 'mpesa' }).execute(late, { signal: AbortSignal.timeout(60) })`],
    ['a total timeout', `pipeline({ name: 'mpesa', timeout: 60, retry: 2 }).execute(late)`],
    ['a breaker in a pipeline', `pipeline({ breaker: { name: 'mpesa', timeout: 60 }, bulkhead: 20 }).execute(late)`],
    ['an attempt', `pipeline({ breaker: { name: 'mpesa' }, attemptTimeout: 60 }).execute(late)`],
  ]) {
    it(`is warned of once where the limit is that of ${what}`, () => {
      const { warnings } = run(`${start} for (let at = 0; at < 2; at++) ${call}.catch(ignore);`);
      assert.deepEqual(warnings, [WARNING]);
    });
  }

  it('is not warned of where the work has read its signal, was ended by its caller, or was in time', () => {
    const quiet = `${start}
      const reading = ({ signal }) => (signal.aborted, late());
      pipeline({ timeout: 100, breaker: { name: 'mpesa', timeout: 80 }, attemptTimeout: 60 }).execute(reading).catch(ignore);
      const leaving = new AbortController();
      new CircuitBreaker({ name: 'mpesa' }).execute(late, { signal: leaving.signal }).catch(ignore);
      new CircuitBreaker({ name: 'mpesa' }).execute(late);
      leaving.abort();`;
    assert.deepEqual(run(quiet).warnings, []);
    const production = `${start} new CircuitBreaker({ name: 'mpesa', timeout: 60 }).execute(late).catch(ignore);`;
    assert.deepEqual(run(production, 'production').warnings, []);
  });
});

describe('A promise that an open circuit rejects in development', () => {
  const open = `const breaker = new CircuitBreaker({ name: 'mpesa' }); breaker.open();`;

  it('is warned of once', () => {
    const calls = `for (let at = 0; at < 2; at++) breaker.execute(Promise.reject(new Error('late'))).catch(() => undefined);`;
    assert.deepEqual(run(open + calls).warnings, [
      'FusewireWarning|promise-rejected|Circuit breaker mpesa: the circuit rejected a call whose work was a promise, and so ' +
        'was under way already. Pass a function: execute(({ signal }) => fetch(url, { signal })). An open circuit does not call it.',
    ]);
  });

  it('is not warned of where the work is a function', () => {
    assert.deepEqual(run(`${open} breaker.execute(() => 1).catch(() => undefined);`).warnings, []);
  });
});

describe('A retry that does not repeat a call in development', () => {
  const start = `
    const reset = () => Promise.reject(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    const callBy = (calls, options) => calls.execute(reset, options).catch(() => undefined);`;

  it('is warned of once', () => {
    const program = `${start}
      const orders = pipeline({ retry: 3, breaker: { name: 'orders' } });
      for (let at = 0; at < 3; at++) callBy(orders);`;
    assert.deepEqual(run(program).warnings, [
      'FusewireWarning|not-repeated|Policy orders.retry: a retry did not repeat a call that timed out or lost its connection, ' +
        'because its work may have happened. If the work may run twice, say so with idempotent: true, of the retry, of the ' +
        'pipeline or of execute(work, { idempotent: true }). Otherwise set it to false.',
    ]);
    assert.deepEqual(run(program, 'production').warnings, []);
  });

  it('is not warned of where something says whether the work may run twice, or it has no attempt left', () => {
    const program = `${start}
      const breaker = { name: 'orders' };
      callBy(pipeline({ retry: { attempts: 2, delay: 0 }, breaker }), { idempotent: true });
      callBy(pipeline({ retry: 3, breaker: { ...breaker } }), { idempotent: false });
      callBy(pipeline({ retry: 3, breaker: { ...breaker }, idempotent: false }));
      callBy(pipeline({ retry: { attempts: 3, idempotent: false }, breaker: { ...breaker } }));
      callBy(pipeline({ retry: 1, breaker: { ...breaker } }));`;
    assert.deepEqual(run(program).warnings, []);
  });
});

describe('Options that create a second breaker of a name in development', () => {
  const WARNING =
    'FusewireWarning|name-twice|Circuit breaker mpesa: a second breaker of this name was created from the same options. ' +
    'Create it once and share it, get it from a BreakerRegistry, or give each breaker its own name.';

  for (const [what, program] of [
    ['breakers', `const options = { name: 'mpesa' }; for (let at = 0; at < 3; at++) new CircuitBreaker(options);`],
    [
      'pipelines',
      `const parts = { retry: 3, breaker: { name: 'mpesa' } }; for (let at = 0; at < 3; at++) pipeline(parts);`,
    ],
    [
      'pipelines with other parts',
      `const parts = { retry: 3, breaker: { name: 'mpesa' } }; pipeline(parts); pipeline({ ...parts, retry: 2 });`,
    ],
  ]) {
    it(`are warned of once for ${what}`, () => assert.deepEqual(run(program!).warnings, [WARNING]));
  }

  it('are not warned of where the breaker is shared, or its name is another', () => {
    const quiet = `
      const options = { failureThreshold: 3 };
      const breaker = new CircuitBreaker({ ...options, name: 'mpesa' });
      new CircuitBreaker({ ...options, name: 'sms' });
      const parts = { retry: 3, breaker };
      pipeline(parts);
      pipeline(parts);
      const shared = { name: 'all', scope: 'process' };
      new CircuitBreaker(shared);
      new CircuitBreaker(shared);`;
    assert.deepEqual(run(quiet).warnings, []);
  });
});

describe('A stream that execute() returns in development', () => {
  const WARNING =
    'FusewireWarning|stream-not-read|Work of chat: a call returned a stream, and counted as a success before anybody had read it. ' +
    'Use executeStream(work), which counts the stream when it ends, or read it inside the work.';
  const start = `
    const breaker = new CircuitBreaker({ name: 'chat' });
    async function* items() { yield 1; }
    const body = async () => new Response('text').body;`;

  for (const [what, call] of [
    ['an async generator', 'breaker.execute(items)'],
    ['a ReadableStream', 'breaker.execute(body)'],
    ['one of a pipeline', 'pipeline([breaker]).execute(items)'],
  ]) {
    it(`is warned of once if it is ${what}`, () => {
      assert.deepEqual(run(`${start} for (let at = 0; at < 2; at++) ${call};`).warnings, [WARNING]);
    });
  }

  it('is not warned of where it is read by executeStream(), or is a socket, an answer or a Response', () => {
    const quiet = `${start}
      (async () => {
      const { Duplex, PassThrough, Readable } = require('node:stream');
      const answer = Object.assign(Readable.from(['text']), { statusCode: 200, headers: {} });
      for (const value of [new Duplex(), new PassThrough(), answer, new Response('text'), null, 1]) {
        await breaker.execute(() => value);
      }
      for await (const each of breaker.executeStream(items)) each;
      await new Response(await breaker.executeStream(body)).text();
      const limited = new CircuitBreaker({ name: 'chat', timeout: 60 });
      const reading = async function* ({ signal }) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      };
      await limited.executeStream(reading).catch(() => undefined);
      })();`;
    assert.deepEqual(run(quiet).warnings, []);
  });
});
