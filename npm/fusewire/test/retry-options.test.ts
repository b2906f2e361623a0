import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retry } from 'fusewire';
import { assertProblems, thrown } from './support.ts';

describe('retry() with wrong options', () => {
  for (const [options, problems] of [
    [{ attempts: 0 }, ['attempts']],
    [{ attempts: 1.5 }, ['attempts']],
    [{ attempts: '3' }, ['attempts']],
    [{ delay: -1 }, ['delay']],
    [{ delay: Number.NaN }, ['delay']],
    [{ delay: '1' }, ['delay']],
    [{ delay: { type: 'exponential', factor: 'x', base: 1 } }, ['delay.base', 'delay.factor']],
    [{ delay: { type: 'constant', delay: -1 } }, ['delay.delay']],
    [
      {
        attempts: -1,
        retryIf: true,
        retryAfter: 5,
        maxRetryAfter: -1,
        budget: {},
        exhausted: 'all',
        name: 1,
        tries: 3,
      },
      ['attempts', 'budget', 'exhausted', 'maxRetryAfter', 'name', 'retryAfter', 'retryIf', 'tries'],
    ],
    [{ attempts: 0, delay: { type: 'constant', delay: 'x' } }, ['attempts', 'delay.delay']],
    [null, ['options']],
    ['3', ['options']],
    [0, ['attempts']],
  ] as const) {
    it(`throws for ${JSON.stringify(options)}`, () => assertProblems(() => retry(options as never), problems));
  }

  it('names the policy, the option and the value', () => {
    assert.equal(
      thrown(() => retry({ name: 'orders', attempts: 0 })).message,
      'Policy orders: attempts must be a whole number from 1 to 1000000, got 0',
    );
  });
});
