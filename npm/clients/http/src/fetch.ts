import { readOptions, timeout } from 'fusewire';
import type { BreakerRegistry, CallContext, CircuitBreaker, Timeout } from 'fusewire';
import { Caller, follow } from './caller.ts';
import { BodyTooLargeError } from './errors.ts';
import { knowAsNetwork } from './findings.ts';
import { countFailure, readOrigins } from './origins.ts';
import type { OriginOptions } from './origins.ts';
import { readRoutes } from './routes.ts';
import type { Route, RouteOptions, Routes } from './routes.ts';
import { redirected } from './redirects.ts';
import { isStream, limited, readRequest, sizeOf } from './requests.ts';
import type { Outgoing } from './requests.ts';
import { dressed, guarded } from './responses.ts';

/** How {@link protectedFetch} behaves. Its numbers are those of the conexxus document, "Connection Pool Limits". */
export interface ProtectedFetchOptions extends OriginOptions, RouteOptions {
  /**
   * Milliseconds until the head of a response is there, and then between any two parts of its body: 1 to 2 147 483 647, or
   * false for as long as it likes. Default 30 000. Each attempt has as much.
   */
  readonly timeout?: number | false | undefined;
  /** Redirects that are followed, each through the breaker of where it leads: 0 to 20. Default 5. */
  readonly maxRedirects?: number | undefined;
  /** Bytes that the body of a request may have: 0 to 2^53 − 1. Default 50 MiB. */
  readonly maxRequestSize?: number | undefined;
  /** Bytes that the body of a response may have, once it is decoded: 0 to 2^53 − 1. Default 50 MiB. */
  readonly maxResponseSize?: number | undefined;
  /** What sends a request. Default: the `fetch` that is global when the request is made. */
  readonly fetch?: typeof fetch | undefined;
}

/** A `fetch` with a breaker for each origin. */
export interface ProtectedFetch {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** The breakers, by their origin. */
  readonly registry: BreakerRegistry;
  /** The breaker that a request to this URL goes through. */
  breakerFor(url: URL | string): CircuitBreaker;
}

const MEBIBYTE = 1_048_576;

/**
 * Makes a `fetch` with a breaker for each origin, limits, and repetitions of what may be repeated.
 *
 * It is called as `fetch` is, and resolves as it does, whatever the status. Beyond what `fetch` rejects with it rejects with
 * `CircuitOpenError` and `BulkheadFullError` before a connection is opened, with `CallTimeoutError`, and with
 * {@link BodyTooLargeError} and {@link RedirectError}; the body of a response may break with {@link BodyTooLargeError} and
 * {@link RequestTimeoutError}.
 *
 * A connection counts until the body is read to its end or cancelled; a response without either counts until it is collected,
 * unless its body is small.
 *
 * ```ts
 * const fetch = protectedFetch({ breaker: { failureThreshold: 5 } });
 * const response = await fetch('https://api.example.org/orders');
 * ```
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function protectedFetch(options: ProtectedFetchOptions = {}): ProtectedFetch {
  const reader = readOptions('Client', 'protectedFetch', options);
  const makeRoutes = readRoutes(reader, readOrigins(reader, { timeout: false }));
  const size = (option: string) =>
    reader.number(option, 0, Number.MAX_SAFE_INTEGER, `a whole number of bytes from 0 to 2^53 − 1`, true);
  const isEndless = reader.value('timeout') === false;
  const limits: Limits = {
    timeout: isEndless ? undefined : (reader.milliseconds('timeout') ?? 30_000),
    maxRedirects: reader.number('maxRedirects', 0, 20, 'a whole number from 0 to 20', true) ?? 5,
    maxRequestSize: size('maxRequestSize') ?? 50 * MEBIBYTE,
    maxResponseSize: size('maxResponseSize') ?? 50 * MEBIBYTE,
    fetch: reader.callable('fetch') as typeof fetch | undefined,
  };
  reader.finish();
  const client = new Client(makeRoutes(), limits);
  const { origins } = client.routes;
  return Object.assign((input: string | URL | Request, init?: RequestInit) => client.fetch(input, init), {
    registry: origins.registry,
    breakerFor: (url: URL | string) => origins.for(url),
  });
}

interface Limits {
  readonly timeout: number | undefined;
  readonly maxRedirects: number;
  readonly maxRequestSize: number;
  readonly maxResponseSize: number;
  readonly fetch: typeof fetch | undefined;
}

class Client {
  readonly routes: Routes;
  readonly #limits: Limits;
  readonly #timeout: Timeout | undefined;
  /** When the connection of a response is free again. */
  readonly #ends = new WeakMap<Response, Promise<unknown>>();

  constructor(routes: Routes, limits: Limits) {
    this.routes = routes;
    this.#limits = limits;
    this.#timeout = limits.timeout === undefined ? undefined : timeout({ name: 'fetch', timeout: limits.timeout });
  }

  async fetch(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    const request = readRequest(input, init);
    const { protocol } = request.url;
    if (protocol !== 'http:' && protocol !== 'https:') return this.#platform(input, init);
    const { maxRequestSize } = this.#limits;
    if ((sizeOf(request.body) ?? 0) > maxRequestSize) throw new BodyTooLargeError('request', maxRequestSize);
    const caller = new Caller(request.signal);
    try {
      return await this.#follow(request, caller);
    } finally {
      caller.end();
    }
  }

  /** Sends a request, and those that redirects lead to. */
  async #follow(first: Outgoing, caller: Caller): Promise<Response> {
    let request = first;
    for (let followed = 0; ; followed++) {
      const response = await this.#send(request, caller);
      const next = this.#next(request, response, followed);
      if (next === undefined) {
        return followed === 0
          ? response
          : dressed(response, { url: response.url, type: response.type, redirected: true });
      }
      await this.#discard(response);
      request = next;
    }
  }

  #send(request: Outgoing, caller: Caller): Promise<Response> {
    const route = this.routes.to(request.url);
    const repeat = this.routes.repeats(request.method) && !isStream(request.body);
    const sending = { repeat, signal: caller.signal, discard: this.#discard };
    return route.send((context) => this.#attempt(request, route, context, caller), sending);
  }

  /** The request that a redirect leads to, if the response is one. */
  #next(request: Outgoing, response: Response, followed: number): Outgoing | undefined {
    try {
      return redirected(request, response, followed, this.#limits.maxRedirects);
    } catch (error) {
      void this.#discard(response);
      throw error;
    }
  }

  /** Throws a response away. Resolves once its connection is free. */
  readonly #discard = (response: Response): Promise<unknown> | undefined => {
    response.body?.cancel().catch(() => {});
    return this.#ends.get(response);
  };

  /**
   * One exchange, which has its place among the connections until the body of the response is over. What keeps the place must
   * not keep the response, or one that is dropped would never be collected.
   */
  #attempt(request: Outgoing, route: Route, context: CallContext, caller: Caller): Promise<Response> {
    let answer: Answer | undefined = new Answer();
    const { promise } = answer;
    const exchange = async ({ signal }: CallContext) => {
      let ended = () => {};
      const over = new Promise<void>((onEnd) => (ended = onEnd));
      await this.#exchange(request, route, [signal, context.signal], caller, ended).then((response) => {
        this.#ends.set(response, end);
        answer?.resolve(response);
        answer = undefined;
      });
      await over;
    };
    const { connections } = route;
    const running =
      connections === undefined ? exchange(context) : connections.execute(exchange, { signal: context.signal });
    const end = running.catch((error: unknown) => answer?.reject(error));
    return promise;
  }

  async #exchange(
    request: Outgoing,
    route: Route,
    signals: readonly AbortSignal[],
    caller: Caller,
    ended: () => void,
  ): Promise<Response> {
    const { maxRequestSize, maxResponseSize, timeout: patience = 0 } = this.#limits;
    const abort = new AbortController();
    const abortFor = (reason: unknown) => abort.abort(reason);
    const leave = [...signals, ...(request.signal ? [request.signal] : [])].map((signal) => follow(signal, abortFor));
    const onEnd = () => {
      for (const stop of leave) stop();
      ended();
    };
    const { url, method, headers, rest } = request;
    const send = (context?: CallContext) => {
      if (context !== undefined) leave.push(follow(context.signal, abortFor));
      const body = limited(request.body, maxRequestSize, abortFor);
      return this.#platform(url.href, {
        ...rest,
        ...(isStream(body) ? { duplex: 'half' } : {}),
        ...{ method, body, headers: [...headers], redirect: 'manual', signal: abort.signal },
      });
    };
    caller.waiting++;
    try {
      const response = await (this.#timeout === undefined ? send() : this.#timeout.execute(send));
      return guarded(response, {
        limit: maxResponseSize,
        patience,
        abort: abortFor,
        onEnd,
        onBreak: (error) => {
          if (!caller.hasLeft) countFailure(route.breaker, error);
        },
      });
    } catch (error) {
      onEnd();
      if (!caller.hasLeft) knowAsNetwork(error);
      throw error;
    } finally {
      caller.waiting--;
    }
  }

  #platform(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    return (this.#limits.fetch ?? globalThis.fetch)(input, init);
  }
}

/** The answer to an attempt, which is still to come. */
class Answer {
  resolve!: (response: Response) => void;
  reject!: (error: unknown) => void;
  readonly promise = new Promise<Response>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}
