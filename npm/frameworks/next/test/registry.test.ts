import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakerRegistry } from 'fusewire';
import type { CircuitBreaker, Outcome, Verdict } from 'fusewire';
import { instrumentation } from '../src/instrumentation.ts';
import { breakerRegistry, once } from '../src/registry.ts';

/** Evaluates a copy of a module, as another bundle does. */
const copyOf = (file: string, copy: number) => import(`../src/${file}?copy=${copy}`);

describe('once()', () => {
  it('returns one value for all copies of a module', async () => {
    const copies = await Promise.all([1, 2].map((copy) => copyOf('registry.ts', copy)));
    const values = copies.map(({ once: its }) => its('value', () => ({})));
    assert.equal(values[0], values[1]);
    assert.equal(
      once('value', () => 'other'),
      values[0],
    );
    assert.notEqual(copies[0].once, copies[1].once);
  });

  it('tries again after an error, and keeps undefined', () => {
    let runs = 0;
    assert.throws(() => once('fails', () => assert.fail('down')), /down/);
    for (let count = 0; count < 2; count++)
      assert.equal(
        once('fails', () => void runs++),
        undefined,
      );
    assert.equal(runs, 1);
  });
});

const BUSY = new Error('busy');
const classify = (outcome: Outcome): Verdict => ('error' in outcome && outcome.error === BUSY ? 'ignore' : undefined);

describe('breakerRegistry()', () => {
  it('reports invalid options', () => {
    assert.throws(() => breakerRegistry({ defaults: { classify: 1 as never } }), /classify/);
    for (const invalid of [
      null,
      5,
      [],
      { defaults: null },
      { defaults: [] },
      { max: 0 },
      { defaults: { timeout: -1 } },
    ])
      assert.throws(() => breakerRegistry(invalid as never), { code: 'ERR_OPTIONS' });
  });

  it('is one registry, with the options of the first call', () => {
    const registry = breakerRegistry({ defaults: { failureThreshold: 7, classify } });
    assert.ok(registry instanceof BreakerRegistry);
    assert.equal(breakerRegistry(), registry);
  });
});

describe('the breakers of breakerRegistry()', () => {
  const leaving = (digest: unknown) => Object.assign(new Error('leaving'), { digest });
  const afterSeven = async (breaker: CircuitBreaker, error: unknown) => {
    for (let count = 0; count < 7; count++) await assert.rejects(breaker.execute(() => Promise.reject(error)));
    return breaker.state;
  };

  for (const digest of ['NEXT_REDIRECT;replace;/login;307;', 'NEXT_HTTP_ERROR_FALLBACK;404', 'DYNAMIC_SERVER_USAGE']) {
    it(`count ${digest} as no failure`, async () => {
      assert.equal(await afterSeven(breakerRegistry().for(`leaves ${digest}`), leaving(digest)), 'CLOSED');
    });
  }

  it('count every other error as a failure', async () => {
    for (const [index, error] of [leaving('2347611'), leaving(404), undefined, 'NEXT_REDIRECT;'].entries())
      assert.equal(await afterSeven(breakerRegistry().for(`fails ${index}`), error), 'OPEN');
  });

  it('ask the classify of the defaults first', async () => {
    assert.equal(await afterSeven(breakerRegistry().for('busy'), BUSY), 'CLOSED');
  });
});

describe('instrumentation()', () => {
  it('starts once in a process, and not on the edge runtime', async () => {
    let starts = 0;
    const { register } = instrumentation({ start: () => starts++ });
    process.env['NEXT_RUNTIME'] = 'edge';
    await register();
    assert.equal(starts, 0);
    process.env['NEXT_RUNTIME'] = 'nodejs';
    const { instrumentation: other } = await copyOf('instrumentation.ts', 1);
    await Promise.all([register(), register(), other({ start: () => starts++ }).register()]);
    delete process.env['NEXT_RUNTIME'];
    assert.equal(starts, 1);
  });

  it('prints the error of an error handler, and goes on', async (test) => {
    const printed = test.mock.method(console, 'error', () => undefined);
    const { onRequestError } = instrumentation({ start: () => undefined, onError: () => assert.fail('sink') });
    const context = { routerKind: 'App Router', routePath: '/x', routeType: 'route' };
    await onRequestError(new Error('x'), { path: '/x', method: 'GET' }, context);
    assert.equal(printed.mock.callCount(), 1);
  });
});
