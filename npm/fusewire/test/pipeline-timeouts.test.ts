import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CircuitBreaker, pipeline } from 'fusewire';
import type { PipelineParts } from 'fusewire';
import { thrown } from './support.ts';

const messageOf = (parts: PipelineParts) => thrown(() => pipeline(parts)).message;

describe('pipeline() of named policies with a total timeout that is too short', () => {
  it('names breaker.timeout and attemptTimeout, with the numbers', () => {
    assert.equal(
      messageOf({ retry: {}, breaker: { name: 'mpesa' }, timeout: 300 }),
      'Policy pipeline: breaker.timeout must be shorter than the total timeout of 300 ms, or attemptTimeout must: ' +
        'breaker.timeout is 30000 ms and there is no attemptTimeout, so that a dependency that hangs never counts as failing',
    );
  });

  it('names a breaker without a timeout', () => {
    const message = messageOf({ breaker: new CircuitBreaker({ timeout: false }), timeout: 300 });
    assert.match(message, /: breaker has no timeout and there is no attemptTimeout,/);
  });

  it('names both limits of an attempt', () => {
    assert.equal(
      messageOf({ breaker: { timeout: 400 }, timeout: 300, attemptTimeout: 500 }),
      'Policy pipeline: breaker.timeout must be shorter than the total timeout of 300 ms, or attemptTimeout must: ' +
        'breaker.timeout is 400 ms and attemptTimeout is 500 ms, so that a dependency that hangs never counts as failing; ' +
        'attemptTimeout must be shorter than the total timeout of 300 ms, which ends every call before this limit of 500 ms',
    );
  });

  it('accepts a shorter limit of either', () => {
    pipeline({ breaker: { timeout: 200 }, timeout: 300 });
    pipeline({ breaker: { timeout: false }, timeout: 300, attemptTimeout: 200 });
  });
});
