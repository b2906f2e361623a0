import { limitedStream } from './body-limits.ts';
import type { BodyLimits } from './body-limits.ts';
import { BodyTooLargeError } from './errors.ts';
import { canGuard, guardResponse } from './guarded-response.ts';
import { attributesOf, isConstructible, withAttributes } from './response-attributes.ts';

/**
 * Returns the response with a body that enforces the limits. On Node it is the response of `fetch` itself.
 *
 * @throws {BodyTooLargeError} if its `Content-Length` exceeds `maxSize`.
 */
export function limitResponse(response: Response, limits: BodyLimits): Response {
  const { body } = response;
  if (body === null) {
    limits.onEnd();
    return response;
  }
  if (Number(response.headers.get('content-length')) > limits.maxSize) {
    const error = new BodyTooLargeError('response', limits.maxSize);
    limits.abort(error);
    void body.cancel(error).catch(() => {});
    throw error;
  }
  if (canGuard(response)) return guardResponse(response, body, limits);
  const attributes = attributesOf(response);
  const stream = limitedStream(body, limits);
  const { status, statusText, headers } = response;
  const init = isConstructible(response) ? { status, statusText, headers } : { headers };
  return withAttributes(new Response(stream, init), attributes);
}
