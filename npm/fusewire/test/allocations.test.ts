// Signals, timers and errors are created only when they are needed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runScript } from './support.ts';

/** Start of a script that counts created objects, with `created(calls)`. The shared timer runs already, as under load. */
const COUNTING = `
  const counts = {};
  const counting = (name) => new Proxy(globalThis[name], {
    construct: (target, args, by) => (counts[name]++, Reflect.construct(target, args, by)),
    apply: (target, self, args) => (counts[name]++, Reflect.apply(target, self, args)),
  });
  for (const name of ['AbortController', 'DOMException', 'Error', 'setTimeout']) globalThis[name] = counting(name);
  const { bulkhead, CircuitBreaker, hedge, pipeline, retry, retryBudget, timeout } = await import('fusewire');
  const created = async (calls) => {
    for (const name of ['AbortController', 'DOMException', 'Error', 'setTimeout']) counts[name] = 0;
    await calls();
    return JSON.stringify(counts);
  };
  const times = async (count, call) => {
    for (let index = 0; index < count; index++) await call(index);
  };
  const all = pipeline([timeout(40_000), retry(), new CircuitBreaker(), bulkhead(), timeout(500)]);
  await all.execute(() => 1);
`;

describe('a call through five policies', () => {
  for (const [what, call, expected] of [
    [
      'creates nothing if it succeeds',
      'all.execute(async () => 1)',
      { AbortController: 0, DOMException: 0, Error: 0, setTimeout: 0 },
    ],
    [
      "creates nothing for the caller's signal",
      'all.execute(async () => 1, { signal })',
      { AbortController: 0, DOMException: 0, Error: 0, setTimeout: 0 },
    ],
    [
      'creates one AbortController if the work reads its signal',
      'all.execute(({ signal }) => signal.aborted)',
      { AbortController: 1_000, DOMException: 0, Error: 0, setTimeout: 0 },
    ],
    [
      'creates no error if a failure is not repeated',
      'once.execute(() => Promise.reject(reason)).catch(() => 1)',
      { AbortController: 0, DOMException: 0, Error: 0, setTimeout: 0 },
    ],
    [
      'creates nothing for a fast call with a hedge',
      'hedged.execute(async () => 1)',
      { AbortController: 0, DOMException: 0, Error: 0, setTimeout: 0 },
    ],
  ] as const) {
    it(what, () => {
      const { stdout, stderr } = runScript(`
        ${COUNTING}
        const { signal } = new AbortController();
        const reason = new Error('down');
        const breaker = new CircuitBreaker({ failureThreshold: 1_000_000 });
        const budget = retryBudget();
        const once = pipeline([timeout(40_000), retry({ retryIf: () => false, budget }), breaker, bulkhead(), timeout(500)]);
        const hedged = pipeline([timeout(40_000), hedge({ delay: 600, budget, idempotent: true }), breaker, timeout(500)]);
        await Promise.all([once, hedged].map((calls) => calls.execute(() => 1)));
        console.log(await created(() => times(1_000, () => ${call})));
      `);
      assert.equal(stderr, '');
      assert.deepEqual(JSON.parse(stdout), expected);
    });
  }

  it('creates one error on timeout, and a signal only if the work reads it', () => {
    const { stdout } = runScript(`
      ${COUNTING}
      const quick = pipeline([timeout(40_000), new CircuitBreaker({ failureThreshold: 1_000 }), bulkhead(), timeout(1)]);
      const call = (work) => quick.execute(work).catch(() => 1);
      const late = () => new Promise((resolve) => setImmediate(() => setImmediate(() => setTimeoutOnce(resolve, 20))));
      const setTimeoutOnce = setTimeout;
      console.log(await created(() => times(5, () => call(late))));
      const { AbortController: signals, Error: errors } = JSON.parse(await created(() => times(5, () => call(({ signal }) => late()))));
      console.log(signals, errors);
    `);
    const [unread = '', read] = stdout.split('\n');
    const {
      AbortController: signals,
      DOMException: exceptions,
      Error: errors,
    } = JSON.parse(unread) as Record<string, number>;
    assert.deepEqual({ signals, exceptions, errors }, { signals: 0, exceptions: 0, errors: 5 });
    assert.equal(read, '5 5');
  });
});
