import { timeout } from 'fusewire';
import { readOptions } from 'fusewire/kit';
import type { BreakerRegistry, CircuitBreaker, Timeout } from 'fusewire';
import { Attempt } from './attempt.ts';
import type { AttemptClient } from './attempt.ts';
import { Caller } from './caller.ts';
import { classifyError, markAsInvalid, markAsNetworkError } from './classification.ts';
import { BodyTooLargeError } from './errors.ts';
import { readOrigins } from './origins.ts';
import type { OriginOptions } from './origins.ts';
import { readRoutes } from './routes.ts';
import type { RouteOptions, Routes } from './routes.ts';
import { isRedirect, redirectedRequest } from './redirects.ts';
import { exceeds, isStream, limitBody, readOwnBody } from './request-bodies.ts';
import { isInvalid, readRequest } from './requests.ts';
import type { OutgoingRequest } from './requests.ts';
import { withAttributes } from './response-attributes.ts';
import { ResponseState } from './response-state.ts';
import { TotalLimit } from './total-limit.ts';

/**
 * Options of {@link protectedFetch}. The defaults of the limits are those of conexxus-completion-report.md, "Connection Pool
 * Limits".
 */
export interface ProtectedFetchOptions extends OriginOptions, RouteOptions {
  /**
   * Longest time in milliseconds until the head of a response, and then between two chunks of its body: 1 to 2 147 483 647,
   * or false for no limit. Default 30 000. It starts anew for each attempt.
   */
  readonly timeout?: number | false | undefined;
  /**
   * Longest time in milliseconds until the head of the last response: all attempts, the waits between them, and redirects. 1 to
   * 2 147 483 647, or false for no limit. Default: twice `timeout`, 60 000.
   */
  readonly totalTimeout?: number | false | undefined;
  /**
   * Number of redirects that are followed, each through the breaker of its target: 0 to 20. Default 5. False: `fetch` follows
   * them itself, and the breaker of the first origin counts the last response.
   */
  readonly maxRedirects?: number | false | undefined;
  /** Largest request body in bytes: 0 to 2^53 − 1. Default 50 MiB. */
  readonly maxRequestSize?: number | undefined;
  /** Largest response body in bytes, after decompression: 0 to 2^53 − 1. Default 50 MiB. */
  readonly maxResponseSize?: number | undefined;
  /** Sends the requests. Default: the global `fetch` at the time of the request. */
  readonly fetch?: typeof fetch | undefined;
}

/** Function like `fetch` with a breaker for each origin. */
export interface ProtectedFetch {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Registry of the breakers. Their keys are the origins. */
  readonly registry: BreakerRegistry;
  /** Returns the breaker for a URL. */
  breakerFor(url: URL | string): CircuitBreaker;
}

const MEBIBYTE = 1_048_576;

/**
 * Returns a function like `fetch` with a breaker for each origin, limits, and a retry for idempotent requests. A GET is
 * repeated up to 3 times, after 1, 2 and 4 seconds, unless `retry` says otherwise.
 *
 * The function takes the arguments of `fetch` and resolves with every status, as `fetch` does. It rejects with the errors of
 * `fetch`, and with `CircuitOpenError` and `BulkheadFullError` before a connection is opened. It also rejects with
 * `CallTimeoutError`, {@link BodyTooLargeError} and {@link TooManyRedirectsError}. The body of a response may break with a
 * {@link BodyTooLargeError} or a {@link RequestTimeoutError}.
 *
 * A request occupies a connection until its response body is read to the end or cancelled. If the caller does neither, a
 * small body ends by itself, and a large one when the response is garbage-collected.
 *
 * ```ts
 * const fetch = protectedFetch({ breaker: { failureThreshold: 5 } });
 * const response = await fetch('https://api.example.org/orders');
 * if (!response.ok) throw new Error(`Orders: status ${response.status}`);
 * ```
 *
 * @throws {OptionsError} with everything that is wrong with the options.
 */
export function protectedFetch(options: ProtectedFetchOptions = {}): ProtectedFetch {
  const reader = readOptions('Client', 'protectedFetch', options);
  const createRoutes = readRoutes(reader, readOrigins(reader, { timeout: false }));
  const size = (option: string) =>
    reader.number(option, 0, Number.MAX_SAFE_INTEGER, 'a whole number of bytes from 0 to 2^53 − 1', true);
  const hasTimeout = reader.value('timeout') !== false;
  const followsRedirects = reader.value('maxRedirects') !== false;
  const hasTotalTimeout = reader.value('totalTimeout') !== false;
  const attemptTimeout = hasTimeout ? (reader.milliseconds('timeout') ?? 30_000) : undefined;
  const totalTimeout = hasTotalTimeout ? reader.milliseconds('totalTimeout') : undefined;
  const limits: Limits = {
    timeout: attemptTimeout,
    totalTimeout: hasTotalTimeout ? (totalTimeout ?? twice(attemptTimeout)) : undefined,
    maxRedirects: followsRedirects
      ? (reader.number('maxRedirects', 0, 20, 'a whole number from 0 to 20, or false', true) ?? 5)
      : undefined,
    maxRequestSize: size('maxRequestSize') ?? 50 * MEBIBYTE,
    maxResponseSize: size('maxResponseSize') ?? 50 * MEBIBYTE,
    fetch: reader.callable('fetch') as typeof fetch | undefined,
  };
  reader.finish();
  const client = new Client(createRoutes(), limits);
  const { origins } = client.routes;
  return Object.assign((input: string | URL | Request, ...[init]: [RequestInit?]) => client.fetch(input, init), {
    registry: origins.registry,
    breakerFor: (url: URL | string) => origins.for(url),
  });
}

/** Returns the default of `totalTimeout`. */
function twice(timeout: number | undefined): number | undefined {
  return timeout === undefined ? undefined : Math.min(2 * timeout, LONGEST_TIMER);
}

/** Longest delay of a timer, in milliseconds. */
const LONGEST_TIMER = 2_147_483_647;

interface Limits {
  readonly timeout: number | undefined;
  readonly totalTimeout: number | undefined;
  readonly maxRedirects: number | undefined;
  readonly maxRequestSize: number;
  readonly maxResponseSize: number;
  readonly fetch: typeof fetch | undefined;
}

class Client implements AttemptClient {
  readonly routes: Routes;
  readonly maxResponseSize: number;
  readonly idleTimeout: number;
  readonly #timeout: Timeout | undefined;
  readonly #limits: Limits;

  constructor(routes: Routes, limits: Limits) {
    this.routes = routes;
    this.#limits = limits;
    this.maxResponseSize = limits.maxResponseSize;
    this.idleTimeout = limits.timeout ?? 0;
    this.#timeout = limits.timeout === undefined ? undefined : attemptTimeout(limits.timeout);
  }

  async fetch(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    const request = readRequest(input, init);
    if (request === undefined || request.origin === '') return this.#fetch(input, init);
    const { totalTimeout } = this.#limits;
    const limit = totalTimeout === undefined ? undefined : new TotalLimit(totalTimeout);
    const caller = new Caller(request.signal, limit);
    try {
      const sent = request.body === null ? request : await this.#withBody(request);
      const response = await this.#send(sent, caller);
      return isRedirect(response) ? await this.#follow(sent, response, caller) : response;
    } catch (error) {
      if (caller.hasLeft) cancelUnsent(request);
      throw limit === undefined || caller.hasLeft ? error : limit.errorFor(error);
    }
  }

  /** Returns a request with a body that can be sent again, if possible. */
  async #withBody(request: OutgoingRequest): Promise<OutgoingRequest> {
    const { body, input, signal } = request;
    if (body === null) return request;
    const { maxRequestSize } = this.#limits;
    const isOwn = typeof input === 'object' && body === input.body && signal?.aborted !== true;
    const own = isOwn ? await readOwnBody(body as ReadableStream<Uint8Array>) : body;
    if (exceeds(own, maxRequestSize)) throw new BodyTooLargeError('request', maxRequestSize);
    return { ...request, body: own };
  }

  /** Follows the redirects of a response. */
  async #follow(first: OutgoingRequest, answer: Response, caller: Caller): Promise<Response> {
    const { maxRedirects } = this.#limits;
    if (maxRedirects === undefined) return answer;
    let request = first;
    let response = answer;
    for (let followed = 0; ; followed++) {
      const next = this.#redirected(request, response, followed, maxRedirects);
      if (next === undefined) {
        return followed === 0
          ? response
          : withAttributes(response, { url: response.url, type: response.type, redirected: true });
      }
      await this.#discard(response);
      request = next;
      response = await this.#send(request, caller);
    }
  }

  #send(request: OutgoingRequest, caller: Caller): Promise<Response> {
    const route = this.routes.to(request.origin, request.address);
    const repeat = this.routes.repeats(request.method) && !isStream(request.body);
    const { signal, limit } = caller;
    const sending = { repeat, signal, limit, discard: this.#discard };
    return route.send((context) => new Attempt(this, request, route, context, caller).run(), sending);
  }

  /** Returns the request that a redirect leads to, or undefined if the response is no redirect. */
  #redirected(
    request: OutgoingRequest,
    response: Response,
    followed: number,
    maxRedirects: number,
  ): OutgoingRequest | undefined {
    try {
      return redirectedRequest(request, response, followed, maxRedirects);
    } catch (error) {
      void this.#discard(response);
      throw error;
    }
  }

  /** Cancels the body of a response. Resolves once its connection is released. */
  readonly #discard = (response: Response): Promise<unknown> | undefined => {
    response.body?.cancel().catch(() => {});
    return ResponseState.releasedOf(response);
  };

  timeoutWithin(limit: TotalLimit | undefined): Timeout | undefined {
    if (limit === undefined) return this.#timeout;
    const { remaining } = limit;
    return remaining < (this.#limits.timeout ?? Number.POSITIVE_INFINITY)
      ? attemptTimeout(Math.max(1, Math.ceil(remaining)))
      : this.#timeout;
  }

  sendOnce(
    request: OutgoingRequest,
    signal: AbortSignal | undefined,
    abort: (reason: unknown) => void,
  ): Promise<Response> {
    return this.#fetch(request.input, this.#initOf(request, signal, abort));
  }

  /** Marks an error without a kind as that of an invalid request, or else as a network error. */
  onError(error: unknown, request: OutgoingRequest): void {
    if (classifyError(error) !== undefined) return;
    if (isInvalid(request)) markAsInvalid(error);
    else markAsNetworkError(error);
  }

  /** Returns the second argument of `fetch`. */
  #initOf(request: OutgoingRequest, signal: AbortSignal | undefined, abort: (reason: unknown) => void): RequestInit {
    const { maxRedirects, maxRequestSize } = this.#limits;
    const redirect = maxRedirects === undefined ? request.redirect : 'manual';
    const init: RequestInit & { duplex?: 'half' } = { ...request.init, redirect };
    if (signal !== undefined) init.signal = signal;
    if (request.body === null) return init;
    init.body = limitBody(request.body, maxRequestSize, abort);
    if (isStream(init.body)) init.duplex = 'half';
    return init;
  }

  #fetch(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    return (this.#limits.fetch ?? globalThis.fetch)(input, init);
  }
}

function attemptTimeout(milliseconds: number): Timeout {
  return timeout({ name: 'fetch', timeout: milliseconds });
}

/** Cancels a stream that was to be the body of a request, if the caller aborted the request before it was sent. */
function cancelUnsent({ body, signal }: OutgoingRequest): void {
  if (body instanceof ReadableStream && !body.locked) body.cancel(signal?.reason).catch(() => {});
}
