import { disconnectSignal, settleWithResponse } from '@fusewire/operations/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CircuitBreaker } from 'fusewire';
import type { BreakerRegistry, Permit } from 'fusewire';
import { RouteError } from './route-error.ts';

/** Function that may answer instead of the plugin: what it returns is sent. */
export type Answer = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** Options of the breaker of a route. The names are those of `@fastify/circuit-breaker`. */
export interface RouteOptions {
  /** Name in the registry. Default: method and path of the route, such as `'GET /orders/:id'`. */
  readonly name?: string | undefined;
  /** Failures in a row that open the circuit. Default 5. */
  readonly threshold?: number | undefined;
  /** Milliseconds until a response must begin. Default 10 000. */
  readonly timeout?: number | undefined;
  /** Milliseconds until an open circuit admits a probe. Default 10 000. */
  readonly resetTimeout?: number | undefined;
  /** Answers a rejected request. Default: 503 with `Retry-After`. */
  readonly onCircuitOpen?: Answer | undefined;
  /** Answers a request that timed out. Default: 504. */
  readonly onTimeout?: Answer | undefined;
  /** Message of the error of a rejected request. Default `'Circuit open'`. */
  readonly circuitOpenErrorMessage?: string | undefined;
  /** Message of the error of a request that timed out. Default `'Timeout'`. */
  readonly timeoutErrorMessage?: string | undefined;
}

/** Hook `preHandler` of a route. */
export type RouteHook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Returns the hook that puts a breaker of `registry` around a route. The breaker is created with the first request. */
export function routeHook(registry: BreakerRegistry, options: RouteOptions): RouteHook {
  const { onCircuitOpen, circuitOpenErrorMessage = 'Circuit open', timeoutErrorMessage = 'Timeout' } = options;
  const its = breakerOptions(options);
  // The name is known with the first request. The options are checked now.
  new CircuitBreaker({ name: options.name ?? 'route', ...its }).dispose();
  let breaker: CircuitBreaker | undefined;
  return async (request, reply) => {
    breaker ??= registry.for(nameOf(request, options), its);
    const response = reply.raw;
    let permit: Permit;
    try {
      permit = breaker.acquire({ signal: disconnectSignal(response) });
    } catch (error) {
      if (onCircuitOpen === undefined) throw new RouteError('OPEN', circuitOpenErrorMessage, error);
      return reply.send(await onCircuitOpen(request, reply));
    }
    settleWithResponse(permit, response, (error) => {
      const late = new RouteError('TIMEOUT', timeoutErrorMessage, error);
      sendLate(late, options, request, reply).catch((failure: unknown) => reply.send(failure));
    });
    return undefined;
  };
}

async function sendLate(
  late: RouteError,
  { onTimeout }: RouteOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const payload = onTimeout === undefined ? late : await onTimeout(request, reply);
  if (reply.sent) return;
  // Fastify then ignores what the route returns.
  reply.raw.once('finish', () => reply.hijack());
  reply.send(payload);
}

function nameOf({ method, routeOptions }: FastifyRequest, { name }: RouteOptions): string {
  return name ?? `${method} ${routeOptions.url ?? ''}`;
}

function breakerOptions({ threshold = 5, timeout = 10_000, resetTimeout = 10_000 }: RouteOptions) {
  return { consecutiveFailureThreshold: threshold, timeout, resetTimeout };
}
