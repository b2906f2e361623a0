import { refusalResponse, refusalsWith } from '@fusewire/operations/server';
import type { RefusalOptions } from '@fusewire/operations/server';
import { after, connection } from 'next/server';

/** Route handler of the app router. `Its` is the type of the request: `Request`, or `NextRequest` of Next.js. */
export type RouteHandler<Context, Its extends Request = Request> = (
  request: Its,
  context: Context,
) => Response | Promise<Response>;

/** Event log, or anything else that holds values back. */
export interface Flushable {
  flush(): unknown;
}

/**
 * Returns a route handler that answers rejected calls with 503, `Retry-After` and a problem document, and calls that timed out with
 * 504. Next.js handles every other error. The route is never computed while the program is built, `cacheComponents` or not.
 *
 * ```ts
 * export const GET = protectedRoute(async (request) => {
 *   return Response.json(await rates.execute(load, { signal: request.signal }));
 * });
 * ```
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function protectedRoute<Context, Its extends Request = Request>(
  handler: RouteHandler<Context, Its>,
  options?: RefusalOptions,
): (request: Its, context: Context) => Promise<Response> {
  const refusalOf = refusalsWith(options);
  return async (request, context) => {
    await connection();
    try {
      return await handler(request, context);
    } catch (error) {
      const refused = refusalOf(error);
      if (refused === undefined) throw error;
      return refusalResponse(refused);
    }
  };
}

/** Flushes event logs after the response to the current request, before the platform freezes the process. */
export function flushAfterResponse(...logs: readonly Flushable[]): void {
  after(() => Promise.all(logs.map((log) => log.flush())));
}
