import { defineErrorClass } from 'fusewire';

/** Reason why a request failed. */
export type ErrorKind =
  /** The dependency could not serve the request: a 5xx status, or the like from a database. */
  | 'server'
  /** The dependency asks for fewer requests: 429. */
  | 'rate-limit'
  /** The dependency refused the request: another 4xx status, a constraint violation. */
  | 'client'
  /** The dependency could not be reached, or the connection broke. */
  | 'network'
  /** No response came in time. */
  | 'timeout'
  /** The caller aborted the request. */
  | 'aborted'
  /** The request hit a limit of the client: too large a body, too many redirects. */
  | 'limit'
  /** The request was invalid and could not be sent: a bad address, a bad header. */
  | 'invalid'
  /** A breaker or a policy rejected the call. */
  | 'rejected';

/** Properties of an {@link HttpError} beside its message. */
export interface HttpErrorDetails {
  /** Whether the same request may succeed later. */
  readonly retriable?: boolean | undefined;
  /** Status of the response, if there was one. */
  readonly status?: number | undefined;
  /** Milliseconds that the dependency asks to wait. */
  readonly retryAfter?: number | undefined;
  /** Error of the client that this one replaces. */
  readonly cause?: unknown;
}

/** Base class of the errors of this package. `instanceof` recognises errors of another copy of the package, too. */
export abstract class HttpError extends Error {
  /** Reason why the request failed. */
  abstract readonly kind: ErrorKind;
  /** Error code, the same for every error of a class. */
  abstract readonly code: string;
  /** Whether the same request may succeed later. */
  readonly retriable: boolean;
  /** Status of the response, if there was one. */
  readonly status: number | undefined;
  /** Milliseconds that the dependency asks to wait. */
  readonly retryAfter: number | undefined;
  /** Error of the client that this one replaces, if there is one. */
  declare readonly cause?: unknown;

  constructor(message: string, { retriable = false, status, retryAfter, cause }: HttpErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.retriable = retriable;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Error for a response with a 5xx status: the dependency could not serve the request. */
export class ServerError extends HttpError {
  readonly kind = 'server';
  /** Error code, always `'EHTTPSERVER'`. */
  readonly code = 'EHTTPSERVER';
}

/** Error for a response with the status 429: the dependency asks for fewer requests. */
export class TooManyRequestsError extends HttpError {
  readonly kind = 'rate-limit';
  /** Error code, always `'EHTTPRATELIMIT'`. */
  readonly code = 'EHTTPRATELIMIT';
}

/** Error for a response with another 4xx status: the dependency refused the request. */
export class ClientError extends HttpError {
  readonly kind = 'client';
  /** Error code, always `'EHTTPCLIENT'`. */
  readonly code = 'EHTTPCLIENT';
}

/** Error for a dependency that could not be reached, or a connection that broke. */
export class NetworkError extends HttpError {
  readonly kind = 'network';
  /** Error code, always `'EHTTPNETWORK'`. */
  readonly code = 'EHTTPNETWORK';
}

/** Error for a response, or the rest of its body, that did not come in time. */
export class RequestTimeoutError extends HttpError {
  readonly kind = 'timeout';
  /** Error code, always `'EHTTPTIMEOUT'`. */
  readonly code = 'EHTTPTIMEOUT';
}

/** Error for a request or response body that is larger than its limit. */
export class BodyTooLargeError extends HttpError {
  readonly kind = 'limit';
  /** Error code, always `'EHTTPBODYTOOLARGE'`. */
  readonly code = 'EHTTPBODYTOOLARGE';
  /** Whether the request or the response has the body. */
  readonly body: 'request' | 'response';
  /** Largest size allowed, in bytes. */
  readonly limit: number;

  constructor(body: 'request' | 'response', limit: number) {
    super(`The body of the ${body} is larger than ${limit} bytes`);
    this.body = body;
    this.limit = limit;
  }
}

/** Error for a redirect that is not followed: one too many, or to a target that is not allowed. */
export class RedirectError extends HttpError {
  readonly kind = 'limit';
  /** Error code, always `'EHTTPREDIRECT'`. */
  readonly code = 'EHTTPREDIRECT';
}

const CLASSES = {
  ServerError: [ServerError, 'EHTTPSERVER'],
  TooManyRequestsError: [TooManyRequestsError, 'EHTTPRATELIMIT'],
  ClientError: [ClientError, 'EHTTPCLIENT'],
  NetworkError: [NetworkError, 'EHTTPNETWORK'],
  RequestTimeoutError: [RequestTimeoutError, 'EHTTPTIMEOUT'],
  BodyTooLargeError: [BodyTooLargeError, 'EHTTPBODYTOOLARGE'],
  RedirectError: [RedirectError, 'EHTTPREDIRECT'],
} as const;

defineErrorClass(HttpError, 'HttpError', { key: 'fusewire.http.HttpError' });
for (const [name, [Class, code]] of Object.entries(CLASSES)) {
  defineErrorClass(Class, name, { key: `fusewire.http.${name}`, code });
}
