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

type Listener = ReturnType<typeof nodeListener>;

/** The management API under one path. */
interface Mount {
  readonly handler: ManagementHandler;
  readonly listener: Listener;
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
  const mounts = new Map<string, Mount>([['', mountAt(options, '')]]);
  const listenerAt = (basePath: string): Listener | undefined => {
    const known = mounts.get(basePath);
    if (known !== undefined || mounts.size > MOST_PATHS) return known?.listener;
    const mount = mountAt(options, basePath);
    mounts.set(basePath, mount);
    return mount.listener;
  };
  const router: Middleware = (request, response, next) => {
    let listener: Listener | undefined;
    try {
      listener = listenerAt(request.baseUrl);
    } catch (error) {
      return next(error);
    }
    if (listener === undefined) return next();
    listener(request, response);
  };
  return Object.assign(router, {
    close: () => {
      for (const { handler } of mounts.values()) handler.close();
    },
  });
}

function mountAt(options: ManagementRouterOptions, basePath: string): Mount {
  const handler = management({ ...options, basePath });
  return { handler, listener: nodeListener(handler) };
}
