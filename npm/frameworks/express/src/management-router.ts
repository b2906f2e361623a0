import { management, nodeListener } from '@fusewire/operations/management';
import type { ManagementHandler, ManagementOptions } from '@fusewire/operations/management';
import type { Middleware } from './express.ts';

/** Options of {@link managementRouter}: those of `management()`. The path is that of `app.use()`. */
export type ManagementRouterOptions = Omit<ManagementOptions, 'basePath'>;

/** Middleware that serves the management API. */
export interface ManagementRouter extends Middleware {
  /** Ends all streams, and removes all timers. */
  close(): void;
}

/** Most paths under which one router answers: a path may have parameters, which a client chooses. */
const MOST_PATHS = 10;

/**
 * Returns the management API as middleware, to mount under any path. `authorize` receives the request of Express as `context`.
 *
 * ```ts
 * app.use('/ops', managementRouter({ registry, authorize }));
 * ```
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function managementRouter(options: ManagementRouterOptions): ManagementRouter {
  // The path is known with the first request. Its options are checked now.
  const handlers = new Map<string, ManagementHandler>([['', management(options)]]);
  const handlerAt = (basePath: string): ManagementHandler | undefined => {
    const known = handlers.get(basePath);
    if (known !== undefined || handlers.size > MOST_PATHS) return known;
    const handler = management({ ...options, basePath });
    handlers.set(basePath, handler);
    return handler;
  };
  const router: Middleware = (request, response, next) => {
    let handler: ManagementHandler | undefined;
    try {
      handler = handlerAt(request.baseUrl);
    } catch (error) {
      return next(error);
    }
    if (handler === undefined) return next();
    nodeListener(handler)(request, response);
  };
  return Object.assign(router, {
    close: () => {
      for (const handler of handlers.values()) handler.close();
    },
  });
}
