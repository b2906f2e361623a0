import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bulkhead, CircuitBreaker, pipeline, retry, timeout } from 'fusewire';
import type { Pipeline, PipelineParts } from 'fusewire';
import { assertProblems, thrown } from './support.ts';

const messageOf = (parts: PipelineParts) => thrown(() => pipeline(parts)).message;

/** Returns the call timeout of the breaker of a pipeline. */
function breakerTimeout(parts: PipelineParts): number | undefined {
  const { layers } = pipeline(parts) as unknown as { layers: { kind: string; timeout?: number }[] };
  return layers.find(({ kind }) => kind === 'breaker')?.timeout;
}

describe('pipeline() of named policies with a limit that never applies', () => {
  it('names breaker.timeout, with the numbers', () => {
    assert.equal(
      messageOf({ breaker: { timeout: 400 }, timeout: 300 }),
      'Policy pipeline: breaker.timeout must be shorter than timeout, which ends the whole call after 300 ms: with 400 ms it never applies',
    );
    assertProblems(
      () => pipeline({ breaker: new CircuitBreaker({ timeout: 400 }), timeout: 300 }),
      ['breaker.timeout'],
    );
  });

  it('names attemptTimeout', () => {
    assert.equal(
      messageOf({ retry: 3, timeout: 300, attemptTimeout: 500 }),
      'Policy pipeline: attemptTimeout must be shorter than timeout, which ends the whole call after 300 ms: with 500 ms it never applies',
    );
  });

  it('accepts a limit of the attempt that is shorter', () => {
    pipeline({ breaker: { timeout: 200 }, timeout: 300 });
    pipeline({ breaker: { timeout: 400 }, timeout: 300, attemptTimeout: 200 });
  });

  it('accepts a breaker with the default timeout, or none, under any total', () => {
    for (const breaker of [new CircuitBreaker(), new CircuitBreaker({ timeout: false })]) {
      pipeline({ breaker, timeout: 300, retry: 3 });
      pipeline([timeout(300), retry(3), breaker, bulkhead(20)]);
    }
  });
});

describe('the call timeout of a breaker that a pipeline creates', () => {
  it('is the share of an attempt in the total timeout', () => {
    assert.equal(breakerTimeout({ timeout: 10_000, retry: 3, breaker: { name: 'mpesa' } }), 3_333);
    assert.equal(breakerTimeout({ timeout: timeout(10_000), retry: retry({ attempts: 4 }), breaker: {} }), 2_500);
    assert.equal(breakerTimeout({ timeout: 10_000, retry: {}, breaker: {} }), 3_333);
    assert.equal(breakerTimeout({ timeout: 10_000, breaker: {} }), 10_000);
  });

  it('is 30 000 ms at most, and 1 ms at least', () => {
    assert.equal(breakerTimeout({ timeout: 600_000, retry: 3, breaker: {} }), 30_000);
    assert.equal(breakerTimeout({ timeout: 2, retry: 3, breaker: {} }), 1);
  });

  it('stays as it is if an option limits the attempt, or nothing limits the call', () => {
    assert.equal(breakerTimeout({ timeout: 10_000, retry: 3, breaker: { timeout: 500 } }), 500);
    assert.equal(breakerTimeout({ timeout: 10_000, retry: 3, breaker: { timeout: false } }), undefined);
    assert.equal(breakerTimeout({ timeout: 10_000, retry: 3, breaker: {}, attemptTimeout: 500 }), 30_000);
    assert.equal(breakerTimeout({ timeout: 10_000, retry: 3, breaker: new CircuitBreaker() }), 30_000);
    assert.equal(breakerTimeout({ retry: 3, breaker: {} }), 30_000);
    assert.equal(breakerTimeout({ timeout: false, retry: 3, breaker: {}, attemptTimeout: false }), 30_000);
  });
});

describe('short forms', () => {
  const kindsOf = (calls: Pipeline<unknown>) =>
    (calls as unknown as { layers: readonly { kind: string }[] }).layers.map(({ kind }) => kind);

  it('of the parts of a pipeline stand for the main option', async () => {
    const calls = pipeline({ timeout: 10_000, retry: 2, breaker: { name: 'mpesa' }, bulkhead: 20, fallback: () => [] });
    assert.deepEqual(kindsOf(calls), ['fallback', 'timeout', 'retry', 'breaker', 'bulkhead']);
    let attempts = 0;
    const failing = calls.execute((): string[] => {
      attempts++;
      throw new Error('down');
    });
    assert.deepEqual([await failing, attempts], [[], 2]);
  });

  it('of the factories stand for the main option', async () => {
    const { layers } = pipeline([retry(4), bulkhead(20)]) as unknown as { layers: [{ attempts: number }, object] };
    assert.equal(layers[0].attempts, 4);
    assert.equal(bulkhead(20).getStats().limit, 20);
    assert.match(
      thrown(() => retry(0)).message,
      /^Policy retry: attempts must be a whole number from 1 to 1000000, got 0$/,
    );
  });

  it('have their own names in the problems of a pipeline', () => {
    const parts = { timeout: 0, retry: 0, bulkhead: 0.5, attemptTimeout: -1, hedge: -1, idempotent: true };
    assertProblems(() => pipeline(parts), ['attemptTimeout', 'bulkhead', 'hedge', 'retry', 'timeout']);
    assert.match(messageOf(parts), /retry must be a whole number from 1 to 1000000, got 0/);
    assertProblems(() => pipeline({ fallback: [] }), ['fallback']);
    assertProblems(() => pipeline({ retry: '3' as never }), ['retry.options']);
  });

  it('false switches a part off', async () => {
    const off = {
      fallback: false,
      timeout: false,
      retry: false,
      hedge: false,
      shedLoad: false,
      rateLimit: false,
    } as const;
    const more = { breaker: false, adaptiveBulkhead: false, bulkhead: false, attemptTimeout: false } as const;
    assert.deepEqual(kindsOf(pipeline({ ...off, ...more, retry: 3 })), ['retry']);
    assert.equal(await pipeline({ ...off, ...more }).execute(() => 1), 1);
  });
});
