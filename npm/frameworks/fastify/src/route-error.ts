/**
 * Error of a request that the breaker of a route has rejected or timed out, with the names that users of
 * `@fastify/circuit-breaker` know. Its `cause` is the error of fusewire.
 */
export class RouteError extends Error {
  /** `'FST_ERR_CIRCUIT_BREAKER_OPEN'` or `'FST_ERR_CIRCUIT_BREAKER_TIMEOUT'`. */
  readonly code: string;
  /** 503 for an open circuit, 504 for a timeout. */
  readonly statusCode: 503 | 504;

  constructor(kind: 'OPEN' | 'TIMEOUT', message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'FastifyError';
    this.code = `FST_ERR_CIRCUIT_BREAKER_${kind}`;
    this.statusCode = kind === 'OPEN' ? 503 : 504;
  }
}
