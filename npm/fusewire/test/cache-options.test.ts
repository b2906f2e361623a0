import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cache, OptionsError } from 'fusewire';
import { rejection, thrown } from './support.ts';

describe('cache() with wrong options', () => {
  const DURATIONS = [null, '1', Number.NaN, Infinity, -1, 31_536_000_001];
  const cases: Record<string, unknown[]> = {
    key: [null, 'key', {}, true],
    freshFor: DURATIONS,
    staleFor: DURATIONS,
    maxEntries: [null, '1', Number.NaN, 0, -1, 1.5, 1_000_001],
    coalesce: [null, 0, 'yes', {}],
    name: [null, 1, ''],
    copy: [null, 'json', 1, {}],
    mode: ['cache-first'],
    ttl: [1],
  };
  for (const [option, values] of Object.entries(cases)) {
    it(`throws for wrong values of ${option}`, () => {
      for (const value of values) {
        const error = thrown(() => cache({ [option]: value }));
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
      assert.ok(thrown(() => cache(value as never)) instanceof OptionsError);
  });

  it('throws for a cache that would never answer', () => {
    const error = thrown(() => cache({ staleFor: 0 }));
    assert.equal(
      error.message,
      'Policy cache: staleFor must be above 0 where freshFor is 0, because no value would ever be used',
    );
    assert.ok(cache({ staleFor: 0, coalesce: true }));
    assert.ok(cache({ staleFor: 0, freshFor: 1 }));
  });
});

describe('a wrapped function with a key', () => {
  it('rejects, and does not throw, where the key throws or is no string', async () => {
    const broken = new Error('broken');
    const failing = cache().wrap(() => 1, {
      key: () => {
        throw broken;
      },
    });
    assert.equal(await rejection(failing()), broken);
    const numbered = cache().wrap((_call, id: number) => id, { key: ((id: number) => id) as never });
    assert.match(String(await rejection(numbered(1))), /^TypeError: Policy cache: key must be a string$/);
  });
});
