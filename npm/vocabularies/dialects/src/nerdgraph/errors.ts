import { CallTimeoutError, CircuitOpenError } from 'fusewire';
import type { RejectEvent } from 'fusewire';
import { CircuitState } from './words.ts';

/** A call was not admitted. It is a `CircuitOpenError` of fusewire, in the words of the document. */
export class CircuitBreakerOpenError extends CircuitOpenError {
  constructor(breaker: string, { reason, retryAfter }: Pick<RejectEvent, 'reason' | 'retryAfter'>, lastError: unknown) {
    const state = reason === 'half-open' ? CircuitState.HALF_OPEN : CircuitState.OPEN;
    super(breaker, state, reason, retryAfter, lastError);
    this.message = `Circuit breaker '${breaker}' is ${state}`;
  }
}

/** A call took too long. It is a `CallTimeoutError` of fusewire, in the words of the document. */
export class CircuitBreakerTimeoutError extends CallTimeoutError {
  constructor(breaker: string, milliseconds: number) {
    super(breaker, milliseconds);
    this.message = `Timeout after ${milliseconds}ms`;
  }
}
