import { disconnectSignal } from '@fusewire/operations/server';
import type { CircuitBreaker, Permit } from 'fusewire';
import { CallTimeoutError } from 'fusewire/errors';
import { markAnswered } from './answered.ts';
import type { ExpressRequest, ExpressResponse, Middleware, Next } from './express.ts';

/** Breaker of a route, or function that returns the breaker of a request. */
export type RouteBreaker = CircuitBreaker | ((request: ExpressRequest) => CircuitBreaker);

/**
 * Returns middleware that puts a breaker around the routes after it. A response of 500 or above counts as a failure, every other
 * one as a success; a request whose client goes counts neither way. A rejected request goes to the error middleware.
 *
 * If the call timeout of the breaker passes, the error middleware receives a `CallTimeoutError`, and what the route sends
 * afterwards is ignored. `disconnectSignal(response)` aborts only if the client goes.
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
    settleWith(permit, response, next);
    next();
  };
}

function settleWith(permit: Permit, response: ExpressResponse, next: Next): void {
  const onAbort = () => {
    const { reason } = permit.signal as { reason: unknown };
    if (!(reason instanceof CallTimeoutError) || response.headersSent) return;
    markAnswered(response);
    next(reason);
  };
  permit.signal.addEventListener('abort', onAbort);
  response.once('close', () => {
    permit.signal.removeEventListener('abort', onAbort);
    if (!response.writableFinished) return permit.ignore();
    if (response.statusCode < 500) permit.succeed(response);
    else permit.fail(new Error(`The route has answered ${response.statusCode}`));
  });
}
