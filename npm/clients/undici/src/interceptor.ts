import { originOf, readOrigins } from '@fusewire/http';
import type { OriginBreakers, OriginOptions } from '@fusewire/http';
import { readOptions } from 'fusewire';
import type { CircuitBreaker } from 'fusewire';
import type { Dispatcher } from 'undici';
import { Exchange } from './exchange.ts';

/**
 * Returns an interceptor with a breaker for each origin.
 *
 * Every request that reaches the interceptor is one call. Compose it before undici's own `retry` and `redirect`, so that each
 * attempt and each redirect is admitted and counted. 5xx, 429, network errors and timeouts are failures. 429, 503 and 529
 * open the circuit for their `Retry-After`. Aborts by the caller count neither way. The `timeout` of a breaker, 30 000 ms
 * by default, covers the time until the head of the response. While the circuit is open, a request rejects with
 * `CircuitOpenError` and no connection is opened. `fetch` wraps that error as the `cause` of its `TypeError`.
 *
 * ```ts
 * setGlobalDispatcher(new Agent().compose(circuitBreaker({ breaker: { failureThreshold: 5 } })));
 * ```
 *
 * @throws {OptionsError} with everything that is wrong with the options.
 */
export function circuitBreaker(options: OriginOptions = {}): Dispatcher.DispatcherComposeInterceptor {
  const reader = readOptions('Client', 'circuitBreaker', options);
  const createOrigins = readOrigins(reader);
  reader.finish();
  const origins = createOrigins();
  return (dispatch) => (request, handler) => run(origins, dispatch, request, handler);
}

/** Message for the `fetch` of an undici version with another handler interface, which would fail or hang. */
const UNSUPPORTED_HANDLER =
  '@fusewire/undici: the dispatcher is one of undici 7 or 8, but this fetch is of another version; use the fetch of the same undici';

/** Message for a request of an undici 7 Client or Pool, which passes no origin to interceptors. */
const NO_ORIGIN = '@fusewire/undici: the request has no origin; set its origin, or compose an Agent';

function run(
  origins: OriginBreakers,
  dispatch: Dispatcher.Dispatch,
  request: Dispatcher.DispatchOptions,
  handler: Dispatcher.DispatchHandler,
): boolean {
  if (typeof handler.onRequestStart !== 'function') throw new TypeError(UNSUPPORTED_HANDLER);
  if (request.origin === undefined) throw new TypeError(NO_ORIGIN);
  const breaker = breakerOf(origins, request.origin, request.path);
  return new Exchange(handler, breaker, origins).run((observed) => dispatch(request, observed));
}

function breakerOf(origins: OriginBreakers, server: string | URL, path: string): CircuitBreaker {
  // A request to a proxy has an address in place of the path.
  const origin = path.startsWith('/') ? originOf(typeof server === 'string' ? server : server.origin) : undefined;
  return origin ? origins.ofOrigin(origin, () => `${origin}${path}`) : origins.for(new URL(path, server));
}
