const HTTP: unique symbol = Symbol.for('fusewire.http.HttpError');

/** What an error says about a request, as far as it says anything. */
export type ErrorKind =
  /** The dependency could not serve it: 5xx, or what a database says in its place. */
  | 'server'
  /** The dependency wants fewer of them: 429. */
  | 'rate-limit'
  /** The dependency refused it: another 4xx, a broken constraint. */
  | 'client'
  /** The dependency could not be reached, or the connection broke. */
  | 'network'
  /** No answer came in time. */
  | 'timeout'
  /** Whoever made it does not want it any more. */
  | 'aborted'
  /** It met a limit of ours: too large, or redirected too often. */
  | 'limit'
  /** It could not be made: a bad address, a bad header. */
  | 'invalid'
  /** A breaker or a policy did not let it through. */
  | 'rejected';

/** What an {@link HttpError} tells beside its message. */
export interface HttpErrorDetails {
  /** Whether the same request may succeed later. */
  readonly retriable?: boolean | undefined;
  /** The status of the response, where there was one. */
  readonly status?: number | undefined;
  /** Milliseconds that the dependency asks to wait. */
  readonly retryAfter?: number | undefined;
  /** The error that it stands for. */
  readonly cause?: unknown;
}

/** A request that failed: what {@link ServerError} and the other classes of this module have in common. */
export abstract class HttpError extends Error {
  /** What it says about the request. */
  abstract readonly kind: ErrorKind;
  /** The same for every error of its class. */
  abstract readonly code: string;
  /** Whether the same request may succeed later. */
  readonly retriable: boolean;
  /** The status of the response, where there was one. */
  readonly status: number | undefined;
  /** Milliseconds that the dependency asks to wait. */
  readonly retryAfter: number | undefined;
  /** The error that it stands for, where there is one. */
  declare readonly cause?: unknown;

  constructor(message: string, { retriable = false, status, retryAfter, cause }: HttpErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.retriable = retriable;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The dependency could not serve the request: 5xx. */
export class ServerError extends HttpError {
  readonly kind = 'server';
  /** Always `'EHTTPSERVER'`. */
  readonly code = 'EHTTPSERVER';
}

/** The dependency wants fewer requests: 429. */
export class RateLimitError extends HttpError {
  readonly kind = 'rate-limit';
  /** Always `'EHTTPRATELIMIT'`. */
  readonly code = 'EHTTPRATELIMIT';
}

/** The dependency refused the request: another 4xx. */
export class ClientError extends HttpError {
  readonly kind = 'client';
  /** Always `'EHTTPCLIENT'`. */
  readonly code = 'EHTTPCLIENT';
}

/** The dependency could not be reached, or the connection broke. */
export class NetworkError extends HttpError {
  readonly kind = 'network';
  /** Always `'EHTTPNETWORK'`. */
  readonly code = 'EHTTPNETWORK';
}

/** No answer came in time, or the rest of one did not. */
export class RequestTimeoutError extends HttpError {
  readonly kind = 'timeout';
  /** Always `'EHTTPTIMEOUT'`. */
  readonly code = 'EHTTPTIMEOUT';
}

/** The body of a request or of a response is larger than its limit. */
export class BodyTooLargeError extends HttpError {
  readonly kind = 'limit';
  /** Always `'EHTTPBODYTOOLARGE'`. */
  readonly code = 'EHTTPBODYTOOLARGE';
  /** Whose body. */
  readonly body: 'request' | 'response';
  /** Bytes that it may have. */
  readonly limit: number;

  constructor(body: 'request' | 'response', limit: number) {
    super(`The body of the ${body} is larger than ${limit} bytes`);
    this.body = body;
    this.limit = limit;
  }
}

/** A redirect is not followed: one too many, or to where none may lead. */
export class RedirectError extends HttpError {
  readonly kind = 'limit';
  /** Always `'EHTTPREDIRECT'`. */
  readonly code = 'EHTTPREDIRECT';
}

const isServer = name(ServerError, 'ServerError');
const isRateLimit = name(RateLimitError, 'RateLimitError');
const isClient = name(ClientError, 'ClientError');
const isNetwork = name(NetworkError, 'NetworkError');
const isTimeout = name(RequestTimeoutError, 'RequestTimeoutError');
const isTooLarge = name(BodyTooLargeError, 'BodyTooLargeError');
const isRedirect = name(RedirectError, 'RedirectError');

/** Whether it is an {@link HttpError}, of whichever copy of this package. */
export function isHttpError(error: unknown): error is HttpError {
  return isBranded(error, HTTP);
}

/** Whether it is a {@link ServerError}, of whichever copy of this package. */
export function isServerError(error: unknown): error is ServerError {
  return isServer(error);
}

/** Whether it is a {@link RateLimitError} of this package, of whichever copy; fusewire's own rate limit throws another. */
export function isRateLimitError(error: unknown): error is RateLimitError {
  return isRateLimit(error);
}

/** Whether it is a {@link ClientError}, of whichever copy of this package. */
export function isClientError(error: unknown): error is ClientError {
  return isClient(error);
}

/** Whether it is a {@link NetworkError}, of whichever copy of this package. */
export function isNetworkError(error: unknown): error is NetworkError {
  return isNetwork(error);
}

/** Whether it is a {@link RequestTimeoutError}, of whichever copy of this package. */
export function isRequestTimeoutError(error: unknown): error is RequestTimeoutError {
  return isTimeout(error);
}

/** Whether it is a {@link BodyTooLargeError}, of whichever copy of this package. */
export function isBodyTooLargeError(error: unknown): error is BodyTooLargeError {
  return isTooLarge(error);
}

/** Whether it is a {@link RedirectError}, of whichever copy of this package. */
export function isRedirectError(error: unknown): error is RedirectError {
  return isRedirect(error);
}

/** Puts the name and the brands onto the prototype. Returns whether an error has the brand of the class. */
function name(Class: new (...args: never) => HttpError, name: string): (error: unknown) => boolean {
  const brand = Symbol.for(`fusewire.http.${name}`);
  Object.defineProperty(Class.prototype, 'name', { value: name, configurable: true, writable: true });
  for (const each of [HTTP, brand]) Object.defineProperty(Class.prototype, each, { value: true });
  return (error) => isBranded(error, brand);
}

function isBranded(error: unknown, brand: symbol): boolean {
  if (typeof error !== 'object' || error === null) return false;
  try {
    return (error as Record<symbol, unknown>)[brand] === true;
  } catch {
    // A revoked proxy, say.
    return false;
  }
}
