import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RateLimitedError, retry } from 'fusewire';
import { readRetryAfter } from 'fusewire/kit';

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

  it('reads retry-after-ms, which takes precedence', () => {
    for (const name of ['retry-after-ms', 'Retry-After-Ms', 'RETRY-AFTER-MS']) {
      assert.equal(readRetryAfter({ headers: { [name]: '1500', 'retry-after': '2' } }), 1_500, name);
    }
    assert.equal(readRetryAfter(new Response(null, { headers: { 'Retry-After-Ms': ' 0.5 ' } })), 0.5);
    assert.equal(readRetryAfter({ headers: { 'retry-after-ms': 'soon', 'retry-after': '2' } }), 2_000);
    assert.equal(readRetryAfter({ headers: { 'RETRY-AFTER': '3' } }), 3_000);
  });

  it('reads the milliseconds of errors of fusewire and @fusewire/http', () => {
    assert.equal(readRetryAfter(new RateLimitedError('orders', 7)), 7);
    assert.equal(readRetryAfter({ [Symbol.for('fusewire.http.HttpError')]: true, retryAfter: 8 }), 8);
  });

  it('returns undefined for a malformed delay', () => {
    const dates = ['Wed, 99 Foo 2026 25:99:99 GMT', 'Thu, 32 Jan 2026 00:00:07 GMT'];
    for (const value of [...dates, '-1', 'soon', '', '1e3', '0x10', 'Infinity']) {
      assert.equal(readRetryAfter(header(value), now), undefined, value);
    }
    for (const retryAfter of [Number.NaN, -1, 7]) assert.equal(readRetryAfter({ retryAfter }), undefined);
    assert.equal(readRetryAfter({ retryAfter: 7, headers: { 'retry-after': '2' } }), 2_000);
  });

  it('gives a retry no predicate error for a malformed delay', async () => {
    const again = retry({ attempts: 2, delay: 0 });
    const headers = { 'retry-after': 'Wed, 99 Foo 2026 25:99:99 GMT' };
    for (const error of [{ response: { headers } }, { retryAfter: Number.NaN }]) {
      await assert.rejects(again.execute(() => Promise.reject(Object.assign(new Error('503'), error))));
    }
    assert.deepEqual([again.getStats().totalRetries, again.getStats().predicateErrors], [2, 0]);
  });
});
