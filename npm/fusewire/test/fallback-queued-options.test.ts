import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OptionsError, pipeline } from 'fusewire';
import { memoryQueue, queued } from 'fusewire/queue';
import { thrown } from './support.ts';

describe('wrong options of queued()', () => {
  const valid = {
    queue: memoryQueue(),
    topic: 'orders',
    payload: () => 1,
    key: () => 'key',
    operation: () => 1,
  };
  const COUNTS = [null, '1', Number.NaN, 0, 1.5, 1_001];
  const FUNCTIONS = [undefined, null, 1, 'text', {}];
  const cases: Record<string, unknown[]> = {
    queue: [undefined, null, 1, {}, { ...memoryQueue() }],
    payload: FUNCTIONS,
    key: FUNCTIONS.slice(1),
    group: FUNCTIONS.slice(1),
    topic: [undefined, null, 1, '', 'a\0', 't'.repeat(201)],
    operation: FUNCTIONS,
    breaker: [null, 1, {}, pipeline],
    concurrency: COUNTS,
    maxAttempts: COUNTS,
    retryDelay: [null, '1', Number.NaN, -1, 2_147_483_648],
    maxRetryDelay: [null, '1', Number.NaN, -1, 2_147_483_648],
    maxAge: [null, '1', Number.NaN, 0, 31_536_000_001],
    leaseTime: [null, '1', Number.NaN, 99, 2_147_483_648],
    pollInterval: [null, '1', Number.NaN, 9, 2_147_483_648],
    enqueueTimeout: [null, '1', Number.NaN, 0, 2_147_483_648],
    classify: [null, 1, 'text', {}],
    name: [null, 1, ''],
    priority: [null, '1', Infinity],
    when: [null, true, {}],
    retries: [1],
  };
  for (const [option, values] of Object.entries(cases)) {
    it(`are rejected: ${option}`, () => {
      for (const value of values) {
        const error = thrown(() => queued({ ...valid, [option]: value } as never));
        assert.ok(error instanceof OptionsError);
        assert.deepEqual(
          error.problems.map((problem) => problem.option),
          [option],
        );
      }
    });
  }

  it('are all reported in one error', () => {
    const error = thrown(() => queued({ queue: 1, concurrency: 0 } as never));
    assert.ok(error instanceof OptionsError);
    assert.deepEqual(
      error.problems.map(({ option }) => option),
      ['concurrency', 'queue', 'topic', 'payload', 'operation'],
    );
  });
});
