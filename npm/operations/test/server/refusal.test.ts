import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CircuitBreaker, OptionsError, bulkhead, timeout } from 'fusewire';
import { refusalOf, refusalResponse, refusalsWith } from '@fusewire/operations/server';

const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => assert.fail('it resolved'),
    (error: unknown) => error,
  );
const down = () => Promise.reject(new Error('password=hunter2'));

async function rejectionBy(breaker: CircuitBreaker): Promise<unknown> {
  await errorOf(breaker.execute(down));
  return errorOf(breaker.execute(down));
}

describe('refusalOf()', () => {
  it('answers a rejection with 503, Retry-After in whole seconds, and a problem document', async () => {
    const breaker = new CircuitBreaker({ name: 'payments', failureThreshold: 1, resetTimeout: 29_500 });
    const refused = refusalOf(await rejectionBy(breaker));
    assert.equal(refused?.status, 503);
    assert.deepEqual(refused.headers, {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'retry-after': '30',
    });
    assert.deepEqual(refused.document, {
      type: 'urn:fusewire:problem:unavailable',
      title: 'A service is not available',
      status: 503,
      detail: 'A service that this one depends on cannot be called now',
      retryAfter: 30,
    });
    assert.doesNotMatch(JSON.stringify(refused), /payments|hunter2/);
  });

  it('says 10 seconds where nobody knows the time, or as many as the option retryAfter', async () => {
    const breaker = new CircuitBreaker({ name: 'payments' });
    breaker.forceOpen();
    const error = await errorOf(breaker.execute(down));
    assert.equal(refusalOf(error)?.headers['retry-after'], '10');
    assert.equal(refusalsWith({ retryAfter: 60 })(error)?.headers['retry-after'], '60');
  });

  it('names the policy if the option names is set', async () => {
    const full = bulkhead({ name: 'pool', limit: 1 });
    const waiting = full.execute(() => new Promise(() => undefined));
    waiting.catch(() => undefined);
    assert.equal(refusalsWith({ names: true })(await errorOf(full.execute(down)))?.document.policy, 'pool');
  });

  it('answers a timeout with 504 and without Retry-After', async () => {
    const slow = timeout({ name: 'slow', timeout: 1 });
    const refused = refusalOf(await errorOf(slow.execute(() => new Promise(() => undefined))));
    assert.equal(refused?.status, 504);
    assert.equal(refused.headers['retry-after'], undefined);
    assert.equal(refused.document.type, 'urn:fusewire:problem:dependency-timeout');
  });

  it('looks through the causes of an error, unless an error has a status of its own', async () => {
    const cause = await rejectionBy(new CircuitBreaker({ name: 'payments', failureThreshold: 1 }));
    const wrapped = new Error('charge failed', { cause: new Error('call failed', { cause }) });
    assert.equal(refusalOf(wrapped)?.status, 503);
    assert.equal(refusalOf(Object.assign(new Error('no such order', { cause }), { status: 404 })), undefined);
    assert.equal(refusalOf(Object.assign(new Error('no such order', { cause }), { statusCode: 404 })), undefined);
  });

  it('returns undefined for every other error, and for values that are none', () => {
    const loop: { cause?: unknown } = {};
    loop.cause = loop;
    for (const error of [new Error('x'), null, undefined, 'CircuitOpenError', 503, { code: 'ERR_CIRCUIT_OPEN' }, loop])
      assert.equal(refusalOf(error), undefined);
  });

  it('refuses options that it does not know or that are out of range', () => {
    for (const [option, options] of [
      ['retryAfter', { retryAfter: 0 }],
      ['retryAfter', { retryAfter: 1.5 }],
      ['names', { names: 'yes' }],
      ['retry', { retry: 5 }],
    ] as const) {
      assert.throws(
        () => refusalsWith(options as never),
        (error) => error instanceof OptionsError && error.message.includes(option),
      );
    }
  });
});

describe('refusalResponse()', () => {
  it('is the refusal as a Response', async () => {
    const error = await rejectionBy(new CircuitBreaker({ name: 'payments', failureThreshold: 1, resetTimeout: 5_000 }));
    const refused = refusalOf(error);
    assert.ok(refused);
    const response = refusalResponse(refused);
    assert.equal(response.status, 503);
    assert.equal(response.headers.get('retry-after'), '5');
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    assert.deepEqual(await response.json(), refused.document);
  });
});
