import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { alternative, CircuitBreaker, fallback, OptionsError } from 'fusewire';
import { rejection, thrown } from './support.ts';
import { degraded } from './support-fallback.ts';

describe('wrong options', () => {
  const strategy = degraded(1);
  const cases: [string, string, (value: never) => unknown, unknown[]][] = [
    ['fallback', 'options', (value) => fallback(value), [undefined, null, 1, 'text']],
    ['fallback', 'strategies', (value) => fallback({ strategies: value }), [undefined, null, 1, {}, strategy, []]],
    ['fallback', 'strategies.1', (value) => fallback([strategy, value]), [undefined, null, 1, 'text']],
    [
      'fallback',
      'strategies.0.name',
      (name) => fallback([{ name, execute: () => 1 }]),
      [undefined, 1, '', 'n'.repeat(201)],
    ],
    ['fallback', 'strategies.1.name', (value) => fallback([strategy, value]), [degraded(2)]],
    ['fallback', 'strategies.0.execute', (execute) => fallback([{ name: 'name', execute }]), [undefined, null, 1, {}]],
    ['fallback', 'strategies.0.when', (when) => fallback([{ ...strategy, when }]), [null, 1, true, {}]],
    [
      'fallback',
      'strategies.0.priority',
      (priority) => fallback([{ ...strategy, priority }]),
      [null, '1', Number.NaN, Infinity],
    ],
    ['fallback', 'when', (when) => fallback({ strategies: [strategy], when }), [null, true, 'text', {}]],
    ['fallback', 'name', (name) => fallback({ strategies: [strategy], name }), [null, 1, '', 'n'.repeat(201)]],
    ['fallback', 'strategy', (value) => fallback({ strategies: [strategy], strategy: value } as never), [1]],
    ['alternative', 'name', (name) => alternative(name, () => 1), [undefined, null, 1, '', 'n'.repeat(201)]],
    ['alternative', 'call', (call) => alternative('name', call), [undefined, null, 1, {}]],
    [
      'alternative',
      'through',
      (through) => alternative('name', () => 1, { through }),
      [null, 1, {}, () => 1, CircuitBreaker],
    ],
    ['alternative', 'priority', (priority) => alternative('name', () => 1, { priority }), ['1']],
  ];
  for (const [what, option, make, values] of cases) {
    it(`of ${what} are rejected: ${option}`, () => {
      for (const value of values) {
        const error = thrown(() => make(value as never));
        assert.ok(error instanceof OptionsError, String(error));
        assert.ok(
          error.problems.some((problem) => problem.option === option),
          error.message,
        );
        assert.match(error.message, /^Policy /);
      }
    });
  }

  it('are all reported in one error', () => {
    const error = thrown(() => fallback({ strategies: [{ name: '', execute: 1 }], when: 1, retries: 1 } as never));
    assert.equal(
      error.message,
      'Policy fallback: strategies.0.name must be a string of 1 to 200 characters, got ""; ' +
        'strategies.0.execute must be a function, got 1; when must be a function, got 1; retries is not an option',
    );
  });

  it('of a call are rejected', async () => {
    const policy = fallback([strategy]);
    for (const options of [null, 1, 'text', { signal: 1 }, { key: 1 }, { args: 'text' }, { priority: 9 }]) {
      assert.ok((await rejection(policy.execute(() => 1, options as never))) instanceof TypeError);
      assert.ok((await rejection(policy.tryExecute(() => 1, options as never))) instanceof TypeError);
    }
    for (const work of [undefined, null, 1, Promise.resolve(1)]) {
      assert.ok((await rejection(policy.execute(work as never))) instanceof TypeError);
    }
  });
});
