import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  byClass,
  byCode,
  byKind,
  byPredicate,
  byStatus,
  firstOf,
  http,
  isRetriable,
  kindOf,
  retryIf,
} from '@fusewire/http';
import type { ErrorKind } from '@fusewire/http';
import { BulkheadFullError, CircuitBreaker, OptionsError, pipeline } from 'fusewire';

const withCode = (code: string, message = 'it') => Object.assign(new Error(message), { code });
const causedBy = (cause: unknown) => new TypeError('fetch failed', { cause });
const withStatus = (status: number, headers: object = {}) => Object.assign(new Error('it'), { status, headers });

describe('kindOf', () => {
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
      assert.equal(kindOf(error), kind);
      assert.equal(isRetriable(error), retriable);
    });
  }

  it('survives circular causes, deep causes and throwing getters', () => {
    const first = new Error('first');
    first.cause = causedBy(first);
    assert.equal(kindOf(first), undefined);
    const hostile = {
      get code(): string {
        throw new Error('no');
      },
      cause: withCode('EPIPE'),
    };
    assert.equal(kindOf(hostile), 'network');
    assert.equal(kindOf({ message: Object.create(null), name: 'ReplyError', code: '57014' }), 'timeout');
    let deep: unknown = withCode('EPIPE');
    for (let depth = 0; depth < 100_000; depth++) deep = { cause: deep };
    assert.equal(kindOf(deep), undefined);
  });
});

describe('http()', () => {
  const now = () => Date.UTC(2026, 0, 1);
  const { breaker, retry } = http({ maxOpenTime: 60_000, maxRetryAfter: 10_000, now });
  const later = (value: string) => ({ 'retry-after': value });

  for (const [title, error, verdict] of [
    ['500', withStatus(500), 'failure'],
    ['503', withStatus(503), 'failure'],
    ['503 with Retry-After', withStatus(503, later('7')), { openFor: 7_000 }],
    ['529 with Retry-After', withStatus(529, later('7')), { openFor: 7_000 }],
    ['529 without Retry-After', withStatus(529), 'failure'],
    ['503 with retry-after-ms', withStatus(503, { 'retry-after-ms': '250' }), { openFor: 250 }],
    ['429 with an impossible date', withStatus(429, later('Thu, 99 Foo 2026 25:99:99 GMT')), 'failure'],
    ['429 with a date', withStatus(429, later('Thu, 01 Jan 2026 00:00:09 GMT')), { openFor: 9_000 }],
    ['429 with a date in the past', withStatus(429, later('Thu, 01 Jan 2015 00:00:09 GMT')), 'failure'],
    ['429 without Retry-After', withStatus(429), 'failure'],
    ['429 for a year', withStatus(429, later('31536000')), { openFor: 60_000 }],
    ['429 with an invalid Retry-After', withStatus(429, later('soon')), 'failure'],
    ['500 with Retry-After', withStatus(500, later('7')), 'failure'],
    ['404', withStatus(404), 'ignore'],
    ['a refused connection', causedBy(withCode('ECONNREFUSED')), 'failure'],
    ['a timeout', new DOMException('', 'TimeoutError'), 'failure'],
    ['an abort', new DOMException('', 'AbortError'), 'ignore'],
    ['a bug', new Error('bug'), undefined],
  ] as const) {
    it(`classifies ${title} as ${JSON.stringify(verdict)}`, () => assert.deepEqual(breaker.classify(error), verdict));
  }

  it('repeats retriable errors, unless Retry-After exceeds maxRetryAfter', () => {
    const repeats = (error: unknown) => retry.retryIf(error);
    assert.deepEqual([withStatus(500), withStatus(404), withCode('EPIPE'), new Error('bug')].map(repeats), [
      true,
      false,
      true,
      false,
    ]);
    assert.equal(repeats(withStatus(503, later('10'))), true);
    assert.equal(repeats(withStatus(503, later('11'))), false);
    assert.equal(retry.retryAfter(causedBy(withStatus(429, later('3')))), 3_000);
  });

  it('opens a circuit for the time in Retry-After', async () => {
    let time = 0;
    const orders = new CircuitBreaker({ name: 'orders', clock: () => time, ...breaker });
    const busy = () => orders.execute(() => Promise.reject(withStatus(429, later('7'))));
    await assert.rejects(busy);
    assert.equal(orders.state, 'OPEN');
    time = 6_999;
    assert.equal(orders.state, 'OPEN');
    time = 7_000;
    assert.equal(orders.state, 'HALF_OPEN');
  });

  it('counts a returned response by its status', async () => {
    const orders = new CircuitBreaker({ name: 'orders', failureThreshold: 1, ...breaker });
    await orders.execute(() => new Response(null, { status: 404 }));
    assert.equal(orders.state, 'CLOSED');
    await orders.execute(() => new Response(null, { status: 500 }));
    assert.equal(orders.state, 'OPEN');
  });

  it('spreads into a pipeline', async () => {
    let calls = 0;
    const orders = pipeline({
      retry: { attempts: 3, delay: 0, ...retry },
      breaker: { name: 'orders', ...breaker },
    });
    await assert.rejects(orders.execute(() => (calls++, Promise.reject(withStatus(404)))));
    assert.equal(calls, 1);
    await assert.rejects(orders.execute(() => (calls++, Promise.reject(withStatus(500)))));
    assert.equal(calls, 4);
  });

  it('reports every invalid option at once', () => {
    const wrong = { maxOpenTime: 0, maxRetryAfter: '1', now: 5, unknown: 1 };
    assert.throws(
      () => http(wrong as never),
      (error) =>
        error instanceof OptionsError && error.problems.length === 4 && /maxOpenTime must be/.test(error.message),
    );
  });
});

describe('classifiers', () => {
  it('byStatus() prefers a single status to a range, and looks at linked errors', () => {
    const classify = byStatus({ 404: 'success', '4xx': 'ignore', '5xx': () => ({ openFor: 5 }) });
    assert.equal(classify(withStatus(404)), 'success');
    assert.equal(classify(causedBy(withStatus(409))), 'ignore');
    assert.deepEqual(classify({ response: { status: 500 } }), { openFor: 5 });
    assert.equal(classify(withStatus(301)), undefined);
    assert.equal(classify(new Error('no status')), undefined);
  });

  it('byCode() matches prefixes, and looks at linked errors', () => {
    const classify = byCode({ ECONNRESET: 'ignore', 'UND_ERR_*': 'failure' });
    assert.equal(classify(causedBy(withCode('ECONNRESET'))), 'ignore');
    assert.equal(classify(withCode('UND_ERR_SOCKET')), 'failure');
    assert.equal(classify(withCode('EPIPE')), undefined);
  });

  it('byKind(), byClass() and byPredicate() decide about matching errors only', () => {
    assert.equal(byKind({ client: 'failure' })(withStatus(404)), 'failure');
    assert.equal(byKind({ client: 'failure' })(withStatus(500)), undefined);
    assert.equal(byClass(RangeError, 'ignore')(causedBy(new RangeError('it'))), 'ignore');
    assert.equal(byClass(RangeError, 'ignore')(new TypeError('it')), undefined);
    const isLocked = (error: unknown) => (error as Error).message === 'locked';
    assert.deepEqual(byPredicate(isLocked, { openFor: 9 })(new Error('locked')), { openFor: 9 });
    assert.equal(byPredicate(isLocked, 'ignore')(new Error('it')), undefined);
  });

  it('firstOf() returns the first verdict, and undefined for an unknown error', () => {
    const classify = firstOf(byStatus({ 404: 'failure' }), http().breaker.classify);
    assert.equal(classify(withStatus(404)), 'failure');
    assert.equal(classify(withStatus(400)), 'ignore');
    assert.equal(classify(new Error('bug')), undefined);
  });

  it('retryIf() repeats only errors that count as failures', () => {
    const verdicts = ['failure', { openFor: 5 }, 'ignore', 'success', undefined] as const;
    const repeats = verdicts.map((verdict) => retryIf(() => verdict)(new Error('it')));
    assert.deepEqual(repeats, [true, true, false, false, false]);
    assert.throws(() => retryIf('failure' as never), TypeError);
  });

  it('reject invalid keys, rulings and arguments', () => {
    assert.throws(
      () => byStatus({ 404: 'sucess', '9xx': 'ignore' } as never),
      /404 must be 'failure'.*the key 9xx must be a status such as 404 or 4xx/,
    );
    assert.throws(() => byCode({ EPIPE: { openFor: -1 } }), /EPIPE must be/);
    assert.throws(() => byKind({ servers: 'failure' } as never), /the key servers must be one of server, rate-limit/);
    assert.throws(() => byClass('Error' as never, 'ignore'), TypeError);
    assert.throws(() => byPredicate(undefined as never, 'ignore'), TypeError);
  });
});
