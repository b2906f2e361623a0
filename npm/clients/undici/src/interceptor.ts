import { readOrigins } from '@fusewire/http';
import type { OriginBreakers, OriginOptions } from '@fusewire/http';
import { readOptions } from 'fusewire';
import type { Dispatcher } from 'undici';
import { Exchange } from './exchange.ts';

/**
 * An interceptor with a breaker for each origin.
 *
 * Every request that reaches it is a call, so compose it inside of undici's own `retry` and `redirect`: each attempt and each
 * hop is admitted and counted. 5xx, 429, network and timeout are failures; 429 and 503 open the circuit for `Retry-After`;
 * what the caller aborts counts neither way. The `timeout` of a breaker, 30 000 ms by default, lasts until the head of the
 * response is there. While the circuit is open a request fails with `CircuitOpenError`, and no connection is opened; `fetch`
 * has it as the `cause` of its `TypeError`.
 *
 * ```ts
 * setGlobalDispatcher(new Agent().compose(circuitBreaker({ breaker: { failureThreshold: 5 } })));
 * ```
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function circuitBreaker(options: OriginOptions = {}): Dispatcher.DispatcherComposeInterceptor {
  const reader = readOptions('Client', 'circuitBreaker', options);
  const makeOrigins = readOrigins(reader);
  reader.finish();
  const origins = makeOrigins();
  return (dispatch) => (request, handler) => run(origins, dispatch, request, handler);
}

/** A fetch of another undici would fail in places of its own making, or never end. */
const STRANGE_HANDLER =
  '@fusewire/undici: this fetch is not of undici 7 or 8, whose dispatcher it was given; use the fetch of undici itself';

/** undici 7 tells an interceptor of a Client or a Pool no origin, unless the request has it. */
const NO_ORIGIN = '@fusewire/undici: the request has no origin; give it one, or compose an Agent';

function run(
  origins: OriginBreakers,
  dispatch: Dispatcher.Dispatch,
  request: Dispatcher.DispatchOptions,
  handler: Dispatcher.DispatchHandler,
): boolean {
  if (typeof handler.onRequestStart !== 'function') {
    throw new TypeError(STRANGE_HANDLER);
  }
  if (request.origin === undefined) throw new TypeError(NO_ORIGIN);
  const breaker = origins.for(new URL(request.path, request.origin));
  return new Exchange(handler, breaker, origins.now).run((observed) => dispatch(request, observed));
}
