import type { Permit } from 'fusewire';
import { CallTimeoutError } from 'fusewire/errors';

/** Response of Node, as far as the outcome of a request needs it. */
export interface RouteResponse {
  readonly statusCode: number;
  readonly headersSent: boolean;
  once(event: 'finish' | 'close', listener: () => void): unknown;
}

/**
 * Settles the permit of a request when its response is complete: 500 or above is a failure, everything else a success. If the
 * client goes first, the request counts neither way.
 *
 * @param onTimeout receives the error if the call timeout of the breaker passes before the response begins.
 */
export function settleWithResponse(
  permit: Permit,
  response: RouteResponse,
  onTimeout: (error: CallTimeoutError) => void,
): void {
  const { signal } = permit;
  const onAbort = () => {
    if (signal.reason instanceof CallTimeoutError && !response.headersSent) onTimeout(signal.reason);
  };
  signal.addEventListener('abort', onAbort);
  const end = () => signal.removeEventListener('abort', onAbort);
  response.once('finish', () => {
    end();
    if (response.statusCode < 500) permit.succeed(undefined);
    else permit.fail(new Error(`The route has answered ${response.statusCode}`));
  });
  response.once('close', () => {
    end();
    permit.ignore();
  });
}
