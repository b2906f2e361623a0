/** Data on its way between JavaScript and each build of the engine. The vectors pin everything else that a breaker does. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OUTCOME, OVERRIDE } from '../../npm/fusewire/src/engine/codes.ts';
import type { Problem } from '../../npm/fusewire/src/engine/backend.ts';
import { engines } from './engines.ts';

for (const [build, engine] of engines) {
  const create = (options: unknown): number => {
    const created = engine.create(options as object, 0);
    assert.equal(typeof created, 'number', 'the engine accepts the options');
    return created as number;
  };

  /** Returns the problems of options that the engine refuses, as `option kind, option kind`. */
  const problemsOf = (options: unknown): string => {
    const problems = engine.create(options as object, 0);
    assert.ok(Array.isArray(problems), 'the engine refuses the options');
    return problems.map(({ option, kind }: Problem) => `${option} ${kind}`).join(', ');
  };

  describe(`the ${build} build`, () => {
    test('reads options as they were written', () => {
      const handle = create({ failureThreshold: 1, timeout: false, window: { type: 'count', size: 10 } });
      engine.settle(handle, engine.admit(handle, 0), OUTCOME.FAILURE, 0, Number.NaN);
      assert.equal(engine.retryAfter(handle, 0), 60_000);
      engine.free(handle);
    });

    test('reports values that carry no data as being of the wrong type', () => {
      for (const value of [() => 1, Symbol('x'), 5n, Object(5), undefined]) {
        assert.equal(problemsOf({ failureThreshold: value }), 'failureThreshold type', typeof value);
      }
      assert.equal(problemsOf(undefined), ' type');
      assert.equal(problemsOf('x'), ' type');
    });

    test('reads numbers that JSON cannot write', () => {
      assert.equal(
        problemsOf({ timeout: Number.NaN, resetTimeout: Number.POSITIVE_INFINITY }),
        'resetTimeout range, timeout range',
      );
    });

    test('takes an own property called __proto__ for an option like any other', () => {
      assert.equal(problemsOf(JSON.parse('{"__proto__": {"failureThreshold": 1}}')), '__proto__ unknown');
    });

    test('keeps every character of a text', () => {
      assert.equal(problemsOf({ 'größe \u{1F9EF}': 1 }), 'größe \u{1F9EF} unknown');
    });

    test('writes a snapshot as plain data, and restores it from JSON', () => {
      const handle = create({ failureThreshold: 1 });
      engine.settle(handle, engine.admit(handle, 0), OUTCOME.FAILURE, 0, 5);
      const snapshot = JSON.parse(JSON.stringify(engine.snapshot(handle, 10)));
      const restored = engine.restore({}, snapshot, 0) as number;
      assert.equal(engine.retryAfter(restored, 0), 59_990);
      engine.free(handle);
      engine.free(restored);
    });

    test('writes readings into a row of any length', () => {
      const handle = create({});
      const short = new Float64Array(3).fill(Number.NaN);
      engine.stats(handle, 0, short);
      assert.deepEqual([...short], [0, 0, 0]);
      const long = new Float64Array(100).fill(7);
      engine.explain(handle, 0, long);
      assert.equal(long[99], 7);
      engine.free(handle);
    });

    test('answers for a handle that does not exist', () => {
      const handle = create({});
      const before = engine.breakerCount();
      engine.free(handle);
      engine.free(handle);
      assert.equal(engine.breakerCount(), before - 1);
      assert.equal(engine.word(handle), -1);
      assert.equal(engine.poll(handle, 0), -1);
      assert.equal(engine.admit(handle, 0), Number.NaN);
      assert.equal(engine.retryAfter(0, 0), Number.NaN);
      assert.equal(engine.settle(handle, 0, OUTCOME.SUCCESS, 0, 0), -1);
      assert.equal(engine.settleOpenFor(handle, 0, 0, 0, 1), -1);
      assert.equal(engine.setOverride(0xffff_ffff, OVERRIDE.FORCED_OPEN, 0), 0);
      assert.equal(engine.release(handle, 0, 0), -1);
      assert.equal(engine.reset(handle, 0), -1);
      assert.equal(engine.snapshot(handle, 0), null);
    });

    test('gives a token to each override, and the same one to each holder of a forced opening', () => {
      const handle = create({});
      const set = (override: number): number => engine.setOverride(handle, override, 0);
      const [first, second] = [set(OVERRIDE.FORCED_OPEN), set(OVERRIDE.FORCED_OPEN)];
      assert.equal(first, second);
      engine.reset(handle, 0);
      const later = [
        set(OVERRIDE.FORCED_OPEN),
        set(OVERRIDE.SHADOW),
        set(OVERRIDE.SHADOW),
        set(OVERRIDE.FORCED_CLOSED),
      ];
      assert.equal(new Set([first, ...later]).size, 5);
      engine.free(handle);
    });

    test('takes numbers out of every range', () => {
      const handle = create({});
      for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 1e300, Number.MIN_VALUE]) {
        engine.settle(handle, odd, 77, odd, odd);
        engine.settleOpenFor(handle, odd, odd, odd, odd);
        engine.setOverride(handle, 99, odd);
        engine.release(handle, odd, odd);
        engine.admit(handle, odd);
        engine.poll(handle, odd);
      }
      engine.free(handle);
      assert.equal(engine.word(handle), -1);
    });
  });
}
