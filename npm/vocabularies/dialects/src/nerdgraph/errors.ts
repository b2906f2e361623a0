import { CallTimeoutError, CircuitOpenError } from 'fusewire';
import type { RejectEvent } from 'fusewire';
import { CircuitState } from './types.ts';

/** Error of a call that the circuit rejected: a `CircuitOpenError` of fusewire with the message of the document. */
export class CircuitBreakerOpenError extends CircuitOpenError {
  constructor(breaker: string, { reason, retryAfter }: Pick<RejectEvent, 'reason' | 'retryAfter'>, lastError: unknown) {
    const state = reason === 'half-open' ? CircuitState.HALF_OPEN : CircuitState.OPEN;
    super(breaker, state, reason, retryAfter, lastError);
    this.message = `Circuit breaker '${breaker}' is ${state}`;
  }
}

/** Error of a call that timed out: a `CallTimeoutError` of fusewire with the message of the document. */
export class CircuitBreakerTimeoutError extends CallTimeoutError {
  constructor(breaker: string, milliseconds: number) {
    super(breaker, milliseconds);
    this.message = `Timeout after ${milliseconds}ms`;
  }
}
