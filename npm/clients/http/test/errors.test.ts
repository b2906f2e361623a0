import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import {
  BodyTooLargeError,
  ClientError,
  throwIfNotOk,
  HttpError,
  NetworkError,
  TooManyRequestsError,
  TooManyRedirectsError,
  RequestTimeoutError,
  ServerError,
  toHttpError,
} from '@fusewire/http';
import { isFailedResponse } from '@fusewire/http/kit';

const classes = {
  ServerError: [ServerError, new ServerError('it')],
  TooManyRequestsError: [TooManyRequestsError, new TooManyRequestsError('it')],
  ClientError: [ClientError, new ClientError('it')],
  NetworkError: [NetworkError, new NetworkError('it')],
  RequestTimeoutError: [RequestTimeoutError, new RequestTimeoutError('it')],
  BodyTooLargeError: [BodyTooLargeError, new BodyTooLargeError('response', 7)],
  TooManyRedirectsError: [TooManyRedirectsError, new TooManyRedirectsError('it')],
} as const;

describe('errors', () => {
  for (const [name, [Class, error]] of Object.entries(classes)) {
    it(`${name} has a name, a code, and an instanceof that accepts no other class`, () => {
      assert.equal(error.name, name);
      assert.match(error.code, /^ERR_HTTP_[A-Z_]+$/);
      assert.ok(error instanceof HttpError && error instanceof Error);
      for (const [other, [Other]] of Object.entries(classes)) assert.equal(error instanceof Other, other === name);
      for (const value of [null, 'it', new Error('it')] as unknown[]) assert.ok(!(value instanceof Class));
    });
  }

  it('are recognized if another copy of the package created them', () => {
    const require = createRequire(import.meta.url);
    const path = require.resolve('@fusewire/http');
    const files = [path, path.replace('index.cjs', 'instance.cjs')];
    const cached = files.map((file) => require.cache[file]);
    for (const file of files) delete require.cache[file];
    const other = require(path) as typeof import('@fusewire/http');
    for (const [index, file] of files.entries()) require.cache[file] = cached[index];
    const error = new other.ServerError('it');
    assert.ok(other.ServerError !== ServerError && error instanceof ServerError && error instanceof HttpError);
    assert.ok(!((error as object) instanceof ClientError));
  });

  it('instanceof HttpError is false for a revoked proxy', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.equal(proxy instanceof HttpError, false);
  });
});

describe('toHttpError() of a response', () => {
  const seven = { headers: { 'retry-after': '7' } };
  for (const [status, Class, retriable] of [
    [500, ServerError, true],
    [501, ServerError, false],
    [503, ServerError, true],
    [599, ServerError, true],
    [429, TooManyRequestsError, true],
    [400, ClientError, false],
    [404, ClientError, false],
    [408, ClientError, true],
    [425, ClientError, true],
  ] as const) {
    it(`returns a ${Class.name} for ${status}, ${retriable ? '' : 'not '}retriable`, () => {
      const error = toHttpError(new Response(null, { status, ...seven }));
      assert.ok(error instanceof Class);
      assert.deepEqual([error.status, error.retriable, error.retryAfter], [status, retriable, 7_000]);
    });
  }

  it('returns undefined for a status below 400', () => {
    for (const status of [200, 204, 301, 399]) {
      assert.equal(toHttpError(new Response(null, { status })), undefined);
    }
  });

  it('accepts responses of other clients, and compares a date with the clock passed in', () => {
    assert.equal(toHttpError({ statusCode: 502, headers: {} })?.kind, 'server');
    const response = { status: 503, headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:07 GMT' } };
    assert.equal(toHttpError(response, () => Date.UTC(2026, 0, 1))?.retryAfter, 7_000);
  });

  it('names the URL without its query in the message', () => {
    const response = Object.defineProperty(new Response(null, { status: 500 }), 'url', {
      value: 'http://127.0.0.1/orders?key=secret',
    });
    assert.equal(toHttpError(response)?.message, 'Response with status 500 from http://127.0.0.1/orders');
  });

  it('throwIfNotOk() throws the error, or returns the response', () => {
    const response = new Response('fine');
    assert.equal(throwIfNotOk(response), response);
    assert.throws(() => throwIfNotOk(new Response(null, { status: 404 })), ClientError);
  });

  it('isFailedResponse() returns true for failed responses only', () => {
    for (const status of [500, 503, 429]) assert.equal(isFailedResponse(new Response(null, { status })), true);
    for (const status of [200, 302, 404]) assert.equal(isFailedResponse(new Response(null, { status })), false);
    assert.equal(isFailedResponse({ statusCode: 500, headers: {} }), true);
    for (const result of [undefined, null, 500, { status: 500 }, 'status 500']) {
      assert.equal(isFailedResponse(result), false);
    }
  });
});

describe('toHttpError() of an error', () => {
  it('keeps the error as the cause', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const translated = toHttpError(error);
    assert.ok(translated instanceof NetworkError);
    assert.equal(translated.cause, error);
    assert.equal(translated.retriable, true);
    assert.equal(translated.message, 'connect ECONNREFUSED');
  });

  it('returns errors of this package unchanged, and undefined for unknown errors', () => {
    const error = new ServerError('it');
    assert.equal(toHttpError(error), error);
    for (const unknown of [new Error('bug'), 'bug', undefined, null, new DOMException('left', 'AbortError')]) {
      assert.equal(toHttpError(unknown), undefined);
    }
  });
});
