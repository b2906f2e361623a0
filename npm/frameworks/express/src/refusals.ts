import { isDisconnect, refusalsWith } from '@fusewire/operations/server';
import type { RefusalOptions } from '@fusewire/operations/server';
import type { ErrorMiddleware } from './express.ts';
import { isAnsweredEarly, sendRefusal } from './responses.ts';

/**
 * Returns the error middleware that answers rejected calls with 503, `Retry-After` and a problem document, and calls that timed
 * out with 504. It hands every other error on. Use it after the routes, before your own error middleware.
 *
 * ```ts
 * app.use(refusals());
 * ```
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function refusals(options?: RefusalOptions): ErrorMiddleware {
  const refusalOf = refusalsWith(options);
  return (error, _request, response, next) => {
    // Nobody waits for the response, or has it already.
    if ((isDisconnect(error) && response.destroyed) || isAnsweredEarly(response)) return;
    const refused = refusalOf(error);
    if (refused === undefined || response.headersSent) return next(error);
    sendRefusal(response, refused);
  };
}
