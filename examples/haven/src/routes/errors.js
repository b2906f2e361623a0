import { isDisconnect, refusalOf } from '@fusewire/operations/server';

/**
 * Answers errors in the shapes of the document: `{ message, circuitBreakerOpen: true }` with 503 and `Retry-After`, and
 * `{ message, timeout: true }` with 504. An error of the external service itself is 502, without its details.
 */
export function errors(logger) {
  return (error, _request, response, next) => {
    if (isDisconnect(error) && response.destroyed) return undefined; // Nobody waits for the response.
    if (response.headersSent) return next(error);
    const refusal = refusalOf(error);
    if (refusal !== undefined) {
      const { message, circuitBreakerOpen, timeout } = error;
      response.status(refusal.status).set({ ...refusal.headers, 'content-type': 'application/json' });
      return response.json({ message, ...(circuitBreakerOpen && { circuitBreakerOpen }), ...(timeout && { timeout }) });
    }
    if (error.expose) return response.status(error.status).json({ message: error.message });
    const status = error.response?.status;
    if (status === 400) return response.status(400).json({ message: 'The external service has refused the request' });
    logger.warn('External service call failed', { message: error.message, status });
    return response.status(502).json({ message: 'The external service failed' });
  };
}
