import { management } from '@fusewire/operations/management';
import type { ManagementOptions } from '@fusewire/operations/management';
import { connection } from 'next/server';
import { onTermination } from './termination.ts';

/** Host, with a port or without. */
const HOST = /^[\w.:[\]-]{1,255}$/;

type Handler = (request: Request, context: unknown) => Promise<Response>;

/** Route handlers of the management API. */
export interface ManagementRoutes {
  readonly GET: Handler;
  readonly HEAD: Handler;
  readonly POST: Handler;
  readonly PUT: Handler;
  readonly PATCH: Handler;
  readonly DELETE: Handler;
  readonly OPTIONS: Handler;
  /** Ends all streams, and removes all timers. */
  readonly close: () => void;
}

/**
 * Returns the route handlers of the management API, for a file such as `app/ops/[...path]/route.ts`. They are never computed while
 * the program is built. `basePath` is the path of the file as clients see it: after the `basePath` of Next.js if there is one.
 *
 * ```ts
 * export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = managementRoutes({ registry, basePath: '/ops', authorize });
 * ```
 *
 * `authorize` receives the request of Next.js as its `context`. On SIGTERM and SIGINT its streams end, for which the server of Next.js would wait otherwise.
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function managementRoutes(options: ManagementOptions): ManagementRoutes {
  const handler = management(options);
  const { basePath = '' } = options;
  const handle: Handler = async (request, context) => {
    await connection();
    return handler(await asSent(request, basePath, context), request);
  };
  const close = () => handler.close();
  onTermination(close);
  const changes = { POST: handle, PUT: handle, PATCH: handle, DELETE: handle };
  return { GET: handle, HEAD: handle, ...changes, OPTIONS: handle, close };
}

/**
 * Returns the request with the address to which the client has sent it. On Node, Next.js names the host on which it listens, and
 * leaves out its own `basePath`.
 */
async function asSent(request: Request, basePath: string, context: unknown): Promise<Request> {
  const url = new URL(request.url);
  const { host, pathname } = url;
  const below = await depthOf(context);
  if (below !== undefined) url.pathname = [basePath, ...pathname.replace(/\/$/, '').split('/').slice(-below)].join('/');
  const sentTo = request.headers.get('host') ?? '';
  if (HOST.test(sentTo)) {
    // A host without a port would leave the port of the listener.
    url.port = '';
    url.host = sentTo;
  }
  return url.host === host && url.pathname === pathname ? request : new Request(url, request);
}

/** Resolves with the number of segments below the folder of the file: those of `[...path]`. */
async function depthOf(context: unknown): Promise<number | undefined> {
  const params = await (context as { params?: Promise<Record<string, unknown>> } | undefined)?.params;
  const rest = Object.values(params ?? {}).find((value) => Array.isArray(value));
  return (rest as unknown[] | undefined)?.length;
}
