import { disconnectSignal, refusalOf, settleWithResponse } from '@fusewire/operations/server';
import type { CircuitBreaker, Permit } from 'fusewire';
import type { ExpressRequest, Middleware } from './express.ts';
import { sendEarly } from './responses.ts';

/** Breaker of a route, or function that returns the breaker of a request. */
export type RouteBreaker = CircuitBreaker | ((request: ExpressRequest) => CircuitBreaker);

/**
 * Returns middleware that puts a breaker around the routes after it. A response of 500 or above counts as a failure, every other
 * one as a success; a request whose client goes counts neither way. A rejected request goes to the error middleware.
 *
 * If the call timeout of the breaker passes, the response is 504 at once. What the route sends afterwards is ignored if
 * `refusals()` is the first error middleware. `disconnectSignal(response)` aborts only if the client goes.
 *
 * ```ts
 * app.get('/orders', circuitBreaker(breakers.for('orders')), listOrders);
 * ```
 */
export function circuitBreaker(breaker: RouteBreaker): Middleware {
  return (request, response, next) => {
    let permit: Permit;
    try {
      const its = typeof breaker === 'function' ? breaker(request) : breaker;
      permit = its.acquire({ signal: disconnectSignal(response) });
    } catch (error) {
      return next(error);
    }
    settleWithResponse(permit, response, (error) => {
      const refused = refusalOf(error);
      if (refused !== undefined) sendEarly(response, refused);
    });
    next();
  };
}
