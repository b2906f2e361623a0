import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import DefaultBreaker, { CircuitBreaker, isOurError, newStatus, Status } from '@fusewire/opossum';
import type { BreakerError, Options, Stats } from '@fusewire/opossum';

const require = createRequire(import.meta.url);
const required = require('@fusewire/opossum') as typeof CircuitBreaker & {
  default: unknown;
  CircuitBreaker: unknown;
};

describe('CircuitBreaker', () => {
  it('is the same class by import and by require', () => {
    for (const loaded of [DefaultBreaker, required, required.default, required.CircuitBreaker]) {
      assert.equal(loaded, CircuitBreaker);
    }
    assert.deepEqual([required.Status, required.isOurError, required.newStatus], [Status, isOurError, newStatus]);
    assert.equal(newStatus() instanceof Status, true);
    assert.equal(new required('x') instanceof DefaultBreaker, true);
  });

  it('declares nothing that the oldest supported @types/node lacks', () => {
    const types = join(dirname(require.resolve('@fusewire/opossum')), 'types/cjs');
    const text = readdirSync(types)
      .filter((name) => name.endsWith('.d.ts'))
      .map((name) => readFileSync(join(types, name), 'utf8'))
      .join('');
    assert.deepEqual([...new Set(text.match(/from 'node:[a-z/]+'/g))], ["from 'node:events'"]);
    assert.deepEqual(new Set(text.match(/\bNodeJS\.\w+/g)), new Set());
    // EventEmitter has type arguments since 20.11.
    assert.doesNotMatch(text, /EventEmitter</);
  });

  it('has each exported type in the namespace of the class', () => {
    const types = join(dirname(require.resolve('@fusewire/opossum')), 'types/cjs');
    const [, namespace = ''] = readFileSync(join(types, 'circuit-breaker.d.ts'), 'utf8').split(
      'namespace CircuitBreaker',
    );
    const exported = readFileSync(join(types, 'module.d.ts'), 'utf8').matchAll(/export type \{ ([\w, ]+) \}/g);
    const names = [...exported].flatMap(([, list = '']) => list.split(', '));
    assert.ok(names.length > 10);
    assert.deepEqual(
      names.filter((name) => !new RegExp(`\\b${name}\\b`).test(namespace)),
      [],
    );
  });

  it('infers the types of its action', async () => {
    const options: Options<[id: number]> = { errorFilter: (error: Error, id) => id > 0 && error.name === 'NotFound' };
    const breaker = new CircuitBreaker(async (id: number) => ({ id }), options);
    breaker.on('success', ({ id }, latency) => void [id satisfies number, latency satisfies number]);
    breaker.on('failure', (error: Error, _latency, [id]) => void [error, id satisfies number]);
    breaker.on('reject', (error) => void (error.code satisfies BreakerError['code']));
    breaker.fallback((id: number, error: Error) => ({ id, error }));
    breaker.healthCheck(async () => {}, 60_000);
    const found: { id: number } = await breaker.fire(5);
    // @ts-expect-error -- the action takes a number
    await breaker.fire('x');
    // @ts-expect-error -- there is no such event
    breaker.on('opened', () => undefined).off('opened', () => undefined);
    const stats: Stats = breaker.stats;
    assert.deepEqual([found, stats.successes], [{ id: 5 }, 2]);
    breaker.shutdown();
  });

  it('has the type names of @types/opossum', () => {
    const options: CircuitBreaker.Options<[string]> = { timeout: false };
    const breaker: CircuitBreaker<[string], number> = new CircuitBreaker(async (x: string) => x.length, options);
    const status: CircuitBreaker.Status = CircuitBreaker.newStatus({ stats: breaker.stats });
    const window: CircuitBreaker.Window = status.window;
    const state: CircuitBreaker.State = breaker.toJSON().state;
    assert.deepEqual([window.length, state.closed], [10, true]);
    const error: unknown = new Error('x');
    if (CircuitBreaker.isOurError(error)) assert.fail(error.code);
  });
});
