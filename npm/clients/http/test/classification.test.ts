import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { databases, http, httpErrorKind, isRetriable } from '@fusewire/http';
import type { ErrorKind } from '@fusewire/http';
import { BulkheadFullError, CircuitBreaker, OptionsError, pipeline, retry } from 'fusewire';

const withCode = (code: string, message = 'it') => Object.assign(new Error(message), { code });
const causedBy = (cause: unknown) => new TypeError('fetch failed', { cause });
const withStatus = (status: number, headers: object = {}) => Object.assign(new Error('it'), { status, headers });

describe('httpErrorKind', () => {
  const cases: readonly (readonly [ErrorKind | undefined, boolean, string, unknown])[] = [
    ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'EHOSTUNREACH', 'UND_ERR_SOCKET'].map(
      (code) => ['network', true, code, withCode(code)] as const,
    ),
    ...['HPE_INVALID_CONSTANT', 'ERR_HTTP2_STREAM_ERROR', 'ConnectionRefused'].map(
      (code) => ['network', true, code, withCode(code)] as const,
    ),
    ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'].map(
      (code) => ['network', false, code, withCode(code)] as const,
    ),
    ...['ETIMEDOUT', 'ECONNABORTED', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'].map(
      (code) => ['timeout', true, code, withCode(code)] as const,
    ),
    ['timeout', true, 'DOMException TimeoutError', new DOMException('late', 'TimeoutError')],
    ['aborted', false, 'DOMException AbortError', new DOMException('left', 'AbortError')],
    [
      'timeout',
      true,
      'an AbortError caused by a timeout',
      Object.assign(new Error('it', { cause: new DOMException('', 'TimeoutError') }), { name: 'AbortError' }),
    ],
    ['aborted', false, "undici's abort", withCode('UND_ERR_ABORTED')],
    ['aborted', false, "axios's cancellation", withCode('ERR_CANCELED')],
    ['network', true, 'a cause', causedBy(withCode('ECONNREFUSED'))],
    ['network', true, 'the cause of a cause', causedBy(causedBy(withCode('ECONNRESET')))],
    [
      'network',
      true,
      'an error of an AggregateError',
      causedBy(new AggregateError([new Error('?'), withCode('ECONNREFUSED')])),
    ],
    ['server', true, 'a status', withStatus(500)],
    ['server', true, 'the status of its response', Object.assign(new Error('it'), { response: { status: 503 } })],
    ['server', true, 'the statusCode of its response', { response: { statusCode: 502 } }],
    ['rate-limit', true, '429', withStatus(429)],
    ['client', false, '404', withStatus(404)],
    ['client', true, '408', withStatus(408)],
    ['client', true, '409 with x-should-retry: true', withStatus(409, { 'x-should-retry': 'true' })],
    ['server', true, '501 with x-should-retry: true', withStatus(501, { 'X-Should-Retry': 'true' })],
    ['server', false, '500 with x-should-retry: false', withStatus(500, { 'x-should-retry': 'false' })],
    ['rate-limit', false, '429 with x-should-retry: false', withStatus(429, { 'x-should-retry': 'false' })],
    ['server', true, '500 with another x-should-retry', withStatus(500, { 'x-should-retry': 'maybe' })],
    ['limit', false, 'too many redirects', withCode('ERR_FR_TOO_MANY_REDIRECTS')],
    ['invalid', false, 'a bad address', causedBy(withCode('ERR_INVALID_URL'))],
    ['rejected', false, 'a rejection by a policy', causedBy(new BulkheadFullError('orders', 'full'))],
    ['network', true, 'SQLSTATE 08006', withCode('08006')],
    ['server', true, 'SQLSTATE 57P01', withCode('57P01')],
    ['server', true, 'SQLSTATE 53300', withCode('53300')],
    ['timeout', true, 'a statement timeout', withCode('57014', 'canceling statement due to statement timeout')],
    ['aborted', false, 'a cancelled statement', withCode('57014', 'canceling statement due to user request')],
    ['client', true, 'a deadlock', withCode('40P01')],
    ['client', false, 'a constraint violation', withCode('23505')],
    ['network', true, 'Prisma P1001', { errorCode: 'P1001' }],
    ['client', false, 'Prisma P2002', withCode('P2002')],
    [
      'server',
      true,
      "Redis's reply LOADING",
      Object.assign(new Error('LOADING Redis is loading'), { name: 'ReplyError' }),
    ],
    ['client', false, 'a reply ERR', Object.assign(new Error('ERR syntax error'), { name: 'ReplyError' })],
    [undefined, false, 'a bug', new TypeError('undefined is not a function')],
    [undefined, false, 'an unknown code', withCode('ENOENT')],
    [undefined, false, 'a string', 'ECONNREFUSED'],
    [undefined, false, 'nothing', undefined],
    [undefined, false, 'a success status', withStatus(200)],
  ];
  for (const [kind, retriable, title, error] of cases) {
    it(`classifies ${title} as ${kind ?? 'unknown'}, ${retriable ? '' : 'not '}retriable`, () => {
      assert.equal(httpErrorKind(error), kind);
      assert.equal(isRetriable(error), retriable);
    });
  }

  it('survives circular causes, deep causes and throwing getters', () => {
    const first = new Error('first');
    first.cause = causedBy(first);
    assert.equal(httpErrorKind(first), undefined);
    const hostile = {
      get code(): string {
        throw new Error('no');
      },
      cause: withCode('EPIPE'),
    };
    assert.equal(httpErrorKind(hostile), 'network');
    assert.equal(httpErrorKind({ message: Object.create(null), name: 'ReplyError', code: '57014' }), 'timeout');
    let deep: unknown = withCode('EPIPE');
    for (let depth = 0; depth < 100_000; depth++) deep = { cause: deep };
    assert.equal(httpErrorKind(deep), undefined);
  });
});

describe('http()', () => {
  const now = () => Date.UTC(2026, 0, 1);
  const classify = http({}, { maxOpenTime: 60_000, maxRetryAfter: 10_000, now });
  const later = (value: string) => ({ 'retry-after': value });
  const busy = (wait: number) => ({ verdict: 'failure', openFor: wait, retryAfter: wait });

  for (const [title, error, verdict] of [
    ['500', withStatus(500), 'failure'],
    ['503', withStatus(503), 'failure'],
    ['503 with Retry-After', withStatus(503, later('7')), busy(7_000)],
    ['529 with Retry-After', withStatus(529, later('7')), busy(7_000)],
    ['529 without Retry-After', withStatus(529), 'failure'],
    ['503 with retry-after-ms', withStatus(503, { 'retry-after-ms': '250' }), busy(250)],
    ['429 with an impossible date', withStatus(429, later('Thu, 99 Foo 2026 25:99:99 GMT')), 'failure'],
    ['429 with a date', withStatus(429, later('Thu, 01 Jan 2026 00:00:09 GMT')), busy(9_000)],
    [
      '429 with a date in the past',
      withStatus(429, later('Thu, 01 Jan 2015 00:00:09 GMT')),
      { verdict: 'failure', retryAfter: 0 },
    ],
    ['429 without Retry-After', withStatus(429), 'failure'],
    ['429 for a year', withStatus(429, later('31536000')), { verdict: 'failure', openFor: 60_000, retry: false }],
    ['429 with an invalid Retry-After', withStatus(429, later('soon')), 'failure'],
    ['500 with Retry-After', withStatus(500, later('7')), { verdict: 'failure', retryAfter: 7_000 }],
    ['501', withStatus(501), { verdict: 'failure', retry: false }],
    ['408', withStatus(408), { verdict: 'ignore', retry: true }],
    ['404', withStatus(404), 'ignore'],
    ['a refused connection', causedBy(withCode('ECONNREFUSED')), 'failure'],
    ['a timeout', new DOMException('', 'TimeoutError'), 'failure'],
    ['an abort', new DOMException('', 'AbortError'), 'ignore'],
    ['a bug', new Error('bug'), { verdict: 'failure', retry: false }],
  ] as const) {
    it(`classifies ${title} as ${JSON.stringify(verdict)}`, () => assert.deepEqual(classify({ error }), verdict));
  }

  for (const [title, value, verdict] of [
    ['200', new Response(), undefined],
    ['404', new Response(null, { status: 404 }), undefined],
    ['408', new Response(null, { status: 408 }), { verdict: 'ignore', retry: true }],
    ['500', new Response(null, { status: 500 }), 'failure'],
    ['429 with Retry-After', new Response(null, { status: 429, headers: later('7') }), busy(7_000)],
    ['a record with a status', { status: 500 }, undefined],
    ['the response of another client', { statusCode: 503, headers: later('7') }, busy(7_000)],
  ] as const) {
    it(`classifies the value ${title} as ${JSON.stringify(verdict)}`, () =>
      assert.deepEqual(classify({ value }), verdict));
  }

  it('lets a retry repeat retriable errors, unless Retry-After exceeds maxRetryAfter', async () => {
    for (const [error, attempts] of [
      [withStatus(500), 2],
      [withStatus(404), 1],
      [withStatus(408), 2],
      [withCode('EPIPE'), 2],
      [new Error('bug'), 1],
      [withStatus(503, { 'retry-after-ms': '1' }), 2],
      [withStatus(503, later('11')), 1],
    ] as const) {
      let calls = 0;
      const orders = retry({ attempts: 2, delay: 0, classify, idempotent: true });
      await assert.rejects(orders.execute(() => (calls++, Promise.reject(error))));
      assert.equal(calls, attempts, JSON.stringify(error));
    }
  });

  it('opens a circuit for the time in Retry-After', async () => {
    let time = 0;
    const orders = new CircuitBreaker({ name: 'orders', clock: () => time, classify });
    const busy = () => orders.execute(() => Promise.reject(withStatus(429, later('7'))));
    await assert.rejects(busy);
    assert.equal(orders.state, 'OPEN');
    time = 6_999;
    assert.equal(orders.state, 'OPEN');
    time = 7_000;
    assert.equal(orders.state, 'HALF_OPEN');
  });

  it('counts a returned response by its status', async () => {
    const orders = new CircuitBreaker({ name: 'orders', failureThreshold: 1, classify });
    await orders.execute(() => new Response(null, { status: 404 }));
    assert.equal(orders.state, 'CLOSED');
    await orders.execute(() => new Response(null, { status: 500 }));
    assert.equal(orders.state, 'OPEN');
  });

  it('holds for breaker, retry and fallback of a pipeline at once', async () => {
    let calls = 0;
    const breaker = new CircuitBreaker({ name: 'orders', failureThreshold: 100 });
    const orders = pipeline({
      classify: http(),
      fallback: [{ name: 'none', execute: () => 'answer' }],
      retry: { attempts: 3, delay: 0 },
      breaker,
    });
    await assert.rejects(orders.execute(() => (calls++, Promise.reject(withStatus(404)))));
    assert.deepEqual([calls, breaker.getStats().totalIgnored], [1, 1]);
    assert.equal(await orders.execute(() => (calls++, Promise.reject(withStatus(500)))), 'answer');
    assert.deepEqual([calls, breaker.getStats().totalFailures], [4, 3]);
    assert.equal(await orders.execute(() => (calls++, new Response(null, { status: 503 }))), 'answer');
    assert.deepEqual([calls, breaker.getStats().totalFailures], [7, 6]);
  });

  it('reports every invalid option at once', () => {
    const wrong = { maxOpenTime: 0, maxRetryAfter: '1', now: 5, unknown: 1 };
    assert.throws(
      () => http({}, wrong as never),
      (error) =>
        error instanceof OptionsError && error.problems.length === 4 && /maxOpenTime must be/.test(error.message),
    );
  });
});

describe('the rules of http()', () => {
  it('prefer a single status to a range, and look at linked errors', () => {
    const classify = http({ 404: 'success', '4xx': 'ignore', '5xx': () => ({ openFor: 5 }) });
    assert.equal(classify({ error: withStatus(404) }), 'success');
    assert.equal(classify({ error: causedBy(withStatus(409)) }), 'ignore');
    assert.deepEqual(classify({ error: { response: { status: 500 } } }), { openFor: 5 });
    assert.equal(classify({ value: new Response(null, { status: 409 }) }), 'ignore');
    assert.equal(classify({ value: { status: 409 } }), undefined);
  });

  it('match codes and their beginnings, before a range, and look at linked errors', () => {
    const classify = http({ ECONNRESET: 'ignore', 'UND_ERR_*': 'success', E_LIMIT: 'ignore', '5xx': 'success' });
    assert.equal(classify({ error: causedBy(withCode('ECONNRESET')) }), 'ignore');
    assert.equal(classify({ error: withCode('UND_ERR_SOCKET') }), 'success');
    assert.equal(classify({ error: { ...withStatus(500), code: 'E_LIMIT' } }), 'ignore');
    assert.equal(classify({ value: withCode('ECONNRESET') }), undefined);
  });

  it('leave the rest to the classification', () => {
    const classify = http({ 404: 'failure' });
    assert.equal(classify({ error: withStatus(404) }), 'failure');
    assert.equal(classify({ error: withStatus(400) }), 'ignore');
    assert.equal(classify({ error: withCode('ECONNRESET') }), 'failure');
    assert.equal(http({ 404: () => undefined })({ error: withStatus(404) }), 'ignore');
  });

  it('are rejected with every key and every verdict that is not valid', () => {
    assert.throws(
      () => http({ 404: 'sucess', '9xx': 'ignore', 600: 'ignore', '': 'ignore' } as never),
      /^TypeError: http: 404 must be 'failure'.*the key "600" must be a status from 100 to 599.*"9xx".*""/s,
    );
    for (const rule of [{ openFor: -1 }, {}, { openfor: 7 }] as never[]) {
      assert.throws(() => http({ EPIPE: rule }), /EPIPE must be/);
    }
    assert.throws(() => http(null as never), /http: rules must be an object/);
    assert.throws(() => databases({ 23505: 'no' } as never), /^TypeError: databases: 23505 must be/);
  });
});

describe('databases()', () => {
  it('classifies errors, with rules by code, and counts every value as a success', () => {
    const classify = databases({ 23505: 'success' });
    assert.equal(classify({ error: withCode('23505') }), 'success');
    assert.equal(classify({ error: withCode('23503') }), 'ignore');
    assert.equal(classify({ error: withCode('57P03') }), 'failure');
    assert.deepEqual(classify({ error: withCode('57P01') }), { verdict: 'failure', outcomeUnknown: true });
    assert.deepEqual(classify({ error: withCode('40001') }), { verdict: 'ignore', retry: true });
    assert.equal(classify({ value: { status: 500, headers: {} } }), 'success');
  });
});

describe('a retry without idempotent', () => {
  const runsOf = async (error: unknown, classify: ReturnType<typeof http>, idempotent?: boolean) => {
    let runs = 0;
    const failing = () => Promise.reject((runs++, error));
    await retry({ delay: 0, classify, idempotent })
      .execute(failing)
      .catch(() => undefined);
    return runs;
  };
  const unknown: readonly (readonly [string, unknown])[] = [
    ...['08006', '08007', '40003', '57P01', 'P1008', 'P1017', 'ECONNRESET'].map(
      (code) => [code, withCode(code)] as const,
    ),
    ...['Connection terminated unexpectedly', 'Query read timeout', 'Command timed out', 'Connection is closed.'].map(
      (message) => [message, new Error(message)] as const,
    ),
  ];
  for (const [name, error] of unknown) {
    it(`repeats no query after ${name}`, async () => {
      assert.equal(await runsOf(error, databases()), 1);
      assert.equal(await runsOf(error, databases(), true), 3);
    });
  }

  const known: readonly (readonly [string, unknown])[] = [
    ...['08001', '40001', '40P01', '53300', '57014', '57P03', 'P1001', 'P2024', 'P2034', 'ECONNREFUSED'].map(
      (code) => [code, withCode(code)] as const,
    ),
    ['a timeout of the connection', new Error('timeout exceeded when trying to connect')],
  ];
  for (const [name, error] of known) {
    it(`repeats a query after ${name}`, async () => assert.equal(await runsOf(error, databases()), 3));
  }

  it('repeats a request after a response, and none after a broken connection', async () => {
    assert.equal(await runsOf(withStatus(503), http()), 3);
    assert.equal(await runsOf(causedBy(withCode('UND_ERR_SOCKET')), http()), 1);
    assert.equal(await runsOf(causedBy(withCode('UND_ERR_SOCKET')), http({ 'UND_ERR_*': { retry: true } })), 3);
    assert.equal(await runsOf(withStatus(504), http({ 504: { outcomeUnknown: true } })), 1);
  });
});
