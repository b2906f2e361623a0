import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRetryAfter } from 'fusewire';

describe('readRetryAfter()', () => {
  const now = () => Date.UTC(2026, 0, 1);
  const header = (value: string) => new Response(null, { headers: { 'retry-after': value } });

  it('compares a date with the clock argument', () => {
    assert.equal(readRetryAfter(header('Thu, 01 Jan 2026 00:00:07 GMT'), now), 7_000);
    assert.equal(readRetryAfter(header('Wed, 31 Dec 2025 23:59:00 GMT'), now), 0);
  });

  it('reads responses and errors, and returns undefined without the header', () => {
    assert.equal(readRetryAfter(header('2')), 2_000);
    assert.equal(readRetryAfter({ response: header('3') }), 3_000);
    assert.equal(readRetryAfter(new Response()), undefined);
    for (const nothing of [undefined, null, 'retry-after: 2', 2, new Error('no')]) {
      assert.equal(readRetryAfter(nothing), undefined);
    }
  });
});
