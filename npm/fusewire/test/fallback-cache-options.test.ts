import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cached, fallback, OptionsError } from 'fusewire';
import { thrown } from './support.ts';

describe('cached() with wrong options', () => {
  const DURATIONS = [null, '1', Number.NaN, Infinity, -1, 31_536_000_001];
  const cases: Record<string, unknown[]> = {
    key: [null, 'key', {}, true],
    mode: [null, 'cache', true],
    ttl: DURATIONS,
    staleIfError: DURATIONS,
    maxEntries: [null, '1', Number.NaN, 0, -1, 1.5, 1_000_001],
    coalesce: [null, 0, 'yes', {}],
    name: [null, 1, ''],
    priority: [null, '1', Number.NaN],
    canHandle: [null, true, {}],
    maxSize: [1],
  };
  for (const [option, values] of Object.entries(cases)) {
    it(`throws for wrong values of ${option}`, () => {
      for (const value of values) {
        const error = thrown(() => cached({ [option]: value }));
        assert.ok(error instanceof OptionsError);
        assert.deepEqual(
          error.problems.map((problem) => problem.option),
          [option],
        );
      }
    });
  }

  it('throws for anything but an object', () => {
    for (const value of [null, 1, 'text', [], () => 1])
      assert.ok(thrown(() => cached(value as never)) instanceof OptionsError);
  });

  it('throws without a ttl in cache-first mode', () => {
    const error = thrown(() => cached({ mode: 'cache-first' }));
    assert.equal(error.message, 'Policy cache: ttl must be given');
  });

  it('throws for two caches in one fallback', () => {
    const error = thrown(() => fallback([cached(), cached({ name: 'other' })]));
    assert.equal(error.message, 'Policy fallback: strategies must be an array with one cache at most');
  });
});
