import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { BreakerRegistry, retry, retryBudget } from 'fusewire';
import { assertProblems, rejection, thrown } from './support.ts';
import { NOW } from './support-retry.ts';

describe('retryBudget()', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW }));
  afterEach(() => mock.timers.reset());

  it('limits the repetitions of all policies that share it to a share of their calls', async () => {
    const budget = retryBudget({ share: 0.1, minimumPerSecond: 0 });
    const policies = [retry({ delay: 0, budget }), retry({ delay: 0, budget, attempts: 2 })] as const;
    let runs = 0;
    const error = new Error('down');
    for (let call = 0; call < 100; call++) {
      const chosen = policies[call % 2 === 0 ? 0 : 1];
      assert.equal(await rejection(chosen.execute(() => Promise.reject((runs++, error)))), error);
    }
    assert.equal(runs, 110);
    const [one, other] = policies.map((policy) => policy.getStats());
    assert.ok(one !== undefined && other !== undefined);
    assert.equal(one.totalRetries + other.totalRetries, 10);
    assert.equal(one.totalOverBudget + one.totalExhausted + other.totalOverBudget + other.totalExhausted, 100);
    const { name, calls, added, balance, totalGranted, totalRefused } = budget.getStats();
    assert.deepEqual(
      { name, calls, added, balance, totalGranted, totalRefused },
      {
        name: 'retryBudget',
        calls: 100,
        added: 10,
        balance: 0,
        totalGranted: 10,
        totalRefused: one.totalOverBudget + other.totalOverBudget,
      },
    );
  });

  it('grants repetitions at a low call rate', async () => {
    const budget = retryBudget();
    const policy = retry({ delay: 0, budget });
    assert.equal(await policy.execute(({ attempt }) => (attempt < 3 ? Promise.reject(attempt) : 'value')), 'value');
  });

  it('is available from a BreakerRegistry', () => {
    const budget = retryBudget();
    assert.equal(new BreakerRegistry({ retryBudget: budget }).retryBudget, budget);
    assert.equal(new BreakerRegistry().retryBudget, undefined);
    const error = thrown(() => new BreakerRegistry({ retryBudget: {} as never }));
    assert.match(error.message, /retryBudget must be a budget made by retryBudget/);
  });

  for (const [options, problems] of [
    [
      { share: -1, minimumPerSecond: 'x', window: 0, other: 1, name: '' },
      ['minimumPerSecond', 'name', 'other', 'share', 'window'],
    ],
    [null, ['options']],
    [1, ['options']],
  ] as const) {
    it(`throws for ${JSON.stringify(options)}`, () => assertProblems(() => retryBudget(options as never), problems));
  }
});
