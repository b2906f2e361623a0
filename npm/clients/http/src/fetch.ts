import { readOptions, timeout } from 'fusewire';
import type { BreakerRegistry, CallContext, CircuitBreaker, Timeout } from 'fusewire';
import { untilEnd, untilHead } from './attempt.ts';
import { Caller } from './caller.ts';
import { classifyError, markAsInvalid, markAsNetworkError } from './classification.ts';
import { BodyTooLargeError } from './errors.ts';
import { countFailure, readOrigins } from './origins.ts';
import type { OriginOptions } from './origins.ts';
import { readRoutes } from './routes.ts';
import type { Route, RouteOptions, Routes } from './routes.ts';
import { redirectedRequest } from './redirects.ts';
import { exceeds, isStream, limitBody, readOwnBody } from './request-bodies.ts';
import { isInvalid, readRequest } from './requests.ts';
import type { OutgoingRequest } from './requests.ts';
import { withAttributes } from './response-attributes.ts';
import { ResponseState } from './response-state.ts';
import { limitResponse } from './responses.ts';

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
 * Returns a function like `fetch` with a breaker for each origin, limits, and a retry for idempotent requests.
 *
 * The function takes the arguments of `fetch` and resolves with every status, as `fetch` does. Besides the errors of `fetch`
 * it rejects with `CircuitOpenError` and `BulkheadFullError` before a connection is opened, with `CallTimeoutError`, with
 * {@link BodyTooLargeError} and with {@link RedirectError}. The body of a response may break with a
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
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function protectedFetch(options: ProtectedFetchOptions = {}): ProtectedFetch {
  const reader = readOptions('Client', 'protectedFetch', options);
  const createRoutes = readRoutes(reader, readOrigins(reader, { timeout: false }));
  const size = (option: string) =>
    reader.number(option, 0, Number.MAX_SAFE_INTEGER, 'a whole number of bytes from 0 to 2^53 − 1', true);
  const hasTimeout = reader.value('timeout') !== false;
  const followsRedirects = reader.value('maxRedirects') !== false;
  const limits: Limits = {
    timeout: hasTimeout ? (reader.milliseconds('timeout') ?? 30_000) : undefined,
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

interface Limits {
  readonly timeout: number | undefined;
  readonly maxRedirects: number | undefined;
  readonly maxRequestSize: number;
  readonly maxResponseSize: number;
  readonly fetch: typeof fetch | undefined;
}

class Client {
  readonly routes: Routes;
  readonly #limits: Limits;
  readonly #timeout: Timeout | undefined;

  constructor(routes: Routes, limits: Limits) {
    this.routes = routes;
    this.#limits = limits;
    this.#timeout = limits.timeout === undefined ? undefined : timeout({ name: 'fetch', timeout: limits.timeout });
  }

  async fetch(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    const request = readRequest(input, init);
    const protocol = request?.url.protocol;
    if (request === undefined || (protocol !== 'http:' && protocol !== 'https:')) return this.#fetch(input, init);
    if (request.signal === undefined && request.body === null) return this.#sendAndFollow(request, NO_CALLER);
    const caller = new Caller(request.signal);
    try {
      return await this.#sendAndFollow(await this.#withBody(request), caller);
    } catch (error) {
      if (caller.hasLeft) cancelUnsent(request);
      throw error;
    } finally {
      caller.end();
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

  /** Sends a request, and follows the redirects in its responses. */
  async #sendAndFollow(first: OutgoingRequest, caller: Caller): Promise<Response> {
    const { maxRedirects } = this.#limits;
    let request = first;
    for (let followed = 0; ; followed++) {
      const response = await this.#send(request, caller);
      const next = maxRedirects === undefined ? undefined : this.#redirected(request, response, followed, maxRedirects);
      if (next === undefined) {
        return followed === 0
          ? response
          : withAttributes(response, { url: response.url, type: response.type, redirected: true });
      }
      await this.#discard(response);
      request = next;
    }
  }

  #send(request: OutgoingRequest, caller: Caller): Promise<Response> {
    const route = this.routes.to(request.url);
    const repeat = this.routes.repeats(request.method) && !isStream(request.body);
    const sending = { repeat, signal: caller.signal, discard: this.#discard };
    return route.send((context) => this.#attempt(request, route, context, caller), sending);
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

  /**
   * Makes one attempt, which holds a slot of the bulkhead until the body of the response has ended. The work in the bulkhead
   * must not reference the response: a response that the caller drops could never be collected otherwise.
   */
  #attempt(request: OutgoingRequest, route: Route, context: CallContext, caller: Caller): Promise<Response> {
    let deferred: Deferred | undefined = new Deferred();
    const { promise } = deferred;
    const work = () =>
      new Promise<void>((onEnd, onFailure) => {
        this.#sendOnce(request, route, context, caller, onEnd).then((response) => {
          ResponseState.setReleased(response, released);
          deferred?.resolve(response);
          deferred = undefined;
        }, onFailure);
      });
    const released = route.connect(work, context).catch((error: unknown) => deferred?.reject(error));
    return promise;
  }

  /** Sends a request once, and limits the time and the size of its response. `onEnd` is called when the body has ended. */
  async #sendOnce(
    request: OutgoingRequest,
    route: Route,
    context: CallContext,
    caller: Caller,
    onEnd: () => void,
  ): Promise<Response> {
    const { maxResponseSize, timeout: idleTimeout = 0 } = this.#limits;
    const mayEndEarly = route.endsCalls || request.signal !== undefined || isStream(request.body);
    const attempt = mayEndEarly ? untilEnd([context.signal, request.signal]) : untilHead();
    const send = (timed?: CallContext) =>
      this.#fetch(request.input, this.#initOf(request, attempt.signalFor(timed), attempt.abort));
    caller.waiting++;
    try {
      const response = await (this.#timeout === undefined ? send() : this.#timeout.execute(send));
      const onFailure = (error: unknown) => {
        if (!caller.hasLeft) countFailure(route.breaker, error);
      };
      const { abort, stop } = attempt;
      const handleEnd = () => {
        stop();
        onEnd();
      };
      return limitResponse(response, { maxSize: maxResponseSize, idleTimeout, abort, onEnd: handleEnd, onFailure });
    } catch (error) {
      attempt.stop();
      if (!caller.hasLeft) markUnknown(error, request);
      throw error;
    } finally {
      caller.waiting--;
    }
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

const NO_CALLER = new Caller(undefined);

/** Marks an error without a kind as that of an invalid request, or else as a network error. */
function markUnknown(error: unknown, request: OutgoingRequest): void {
  if (classifyError(error) !== undefined) return;
  if (isInvalid(request)) markAsInvalid(error);
  else markAsNetworkError(error);
}

/** Cancels a stream that was to be the body of a request, if the caller aborted the request before it was sent. */
function cancelUnsent({ body, signal }: OutgoingRequest): void {
  if (body instanceof ReadableStream && !body.locked) body.cancel(signal?.reason).catch(() => {});
}

/** Promise of a response, with the functions that settle it. */
class Deferred {
  resolve!: (response: Response) => void;
  reject!: (error: unknown) => void;
  readonly promise = new Promise<Response>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}
