import { isDisconnect, refusalsWith } from '@fusewire/operations/server';
import type { Refusal, RefusalOf } from '@fusewire/operations/server';
import type { FastifyInstance, FastifyReply } from 'fastify';
import plugin from 'fastify-plugin';
import { BreakerRegistry } from 'fusewire';
import { mountManagement } from './mount-management.ts';
import type { FusewireOptions } from './options.ts';
import { routeHook } from './route-breakers.ts';
import type { RouteHook, RouteOptions } from './route-breakers.ts';
import { RouteError } from './route-error.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Breakers of the application. */
    readonly breakers: BreakerRegistry;
    /** Returns a hook `preHandler` that puts a breaker around the route. */
    circuitBreaker(options?: RouteOptions): RouteHook;
  }
}

/**
 * Plugin for Fastify 5. It answers rejected calls with 503, `Retry-After` and a problem document, and calls that timed out with
 * 504; it adds `app.breakers` and `app.circuitBreaker()`, and mounts the management API if you say where.
 *
 * ```ts
 * await app.register(fusewire, { management: { path: '/ops', authorize } });
 * app.get('/orders', { preHandler: app.circuitBreaker({ timeout: 2_000 }) }, listOrders);
 * ```
 *
 * Register it before your routes. Your error handlers receive the errors that the plugin leaves.
 *
 * @throws {OptionsError} with every problem of the options.
 */
export const fusewire = plugin(
  async (app: FastifyInstance, options: FusewireOptions) => {
    const { registry, retryAfter, names, handleErrors = true, management, ...defaults } = options;
    const breakers = registry ?? new BreakerRegistry();
    app.decorate('breakers', breakers);
    app.decorate('circuitBreaker', (its: RouteOptions = {}) => routeHook(breakers, { ...defaults, ...its }));
    if (handleErrors) answerRefusals(app, refusalsWith({ retryAfter, names }));
    if (management !== undefined) await mountManagement(app, breakers, management);
    if (registry === undefined) app.addHook('onClose', () => disposeAll(breakers));
  },
  { fastify: '5.x', name: '@fusewire/fastify' },
);

/** Puts an error handler of the plugin before that of the application, whenever and wherever it is set. */
function answerRefusals(app: FastifyInstance, refusalOf: RefusalOf): void {
  app.addHook('onRoute', (route) => {
    const its = route.errorHandler;
    route.errorHandler = (error, request, reply) => {
      if (isDisconnect(error) && reply.raw.destroyed) return reply.hijack();
      const refused = error instanceof RouteError ? routeRefusal(error, refusalOf) : refusalOf(error);
      if (refused !== undefined) return send(reply, refused);
      return its === undefined ? reply.send(error) : its.call(app, error, request, reply);
    };
  });
}

/** Returns the refusal of a route, with its message and its code. */
function routeRefusal({ cause, message, code }: RouteError, refusalOf: RefusalOf): Refusal | undefined {
  const refused = refusalOf(cause);
  if (refused === undefined) return undefined;
  const document = { ...refused.document, detail: message, code };
  return { ...refused, document };
}

function send(reply: FastifyReply, { status, headers, document }: Refusal): FastifyReply {
  return reply.code(status).headers(headers).serializer(JSON.stringify).send(document);
}

function disposeAll(breakers: BreakerRegistry): void {
  for (const [, breaker] of breakers) breaker.dispose();
}
