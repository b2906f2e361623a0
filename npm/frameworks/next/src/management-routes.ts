import { management } from '@fusewire/operations/management';
import type { ManagementOptions } from '@fusewire/operations/management';
import { connection } from 'next/server';
import { onTermination } from './termination.ts';

type Handler = (request: Request) => Promise<Response>;

/** Route handlers of the management API. Next.js derives HEAD and OPTIONS. */
export interface ManagementRoutes {
  readonly GET: Handler;
  readonly POST: Handler;
  readonly PUT: Handler;
  readonly PATCH: Handler;
  readonly DELETE: Handler;
  /** Ends all streams, and removes all timers. */
  readonly close: () => void;
}

/**
 * Returns the route handlers of the management API, for a file such as `app/ops/[...path]/route.ts`. They are never computed while
 * the program is built. `basePath` is the path of the file, with the `basePath` of Next.js before it if there is one.
 *
 * ```ts
 * export const { GET, POST, PUT, PATCH, DELETE } = managementRoutes({ registry, basePath: '/ops', authorize });
 * ```
 *
 * On SIGTERM and SIGINT its streams end, for which the server of Next.js would wait otherwise.
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function managementRoutes(options: ManagementOptions): ManagementRoutes {
  const handler = management(options);
  const handle: Handler = async (request) => {
    await connection();
    return handler(request);
  };
  const close = () => handler.close();
  onTermination(close);
  return { GET: handle, POST: handle, PUT: handle, PATCH: handle, DELETE: handle, close };
}
