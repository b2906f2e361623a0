import { CallTimeoutError, CircuitOpenError } from 'fusewire';
import type { RejectedResult } from 'fusewire';

/** A call was not admitted. It is a `CircuitOpenError` of fusewire, in the words of the document. */
export class CircuitBreakerOpenError extends CircuitOpenError {
  constructor(breaker: string, { state, reason, retryAfter }: RejectedResult, lastError: unknown) {
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
