/** `fusewire/errors`: the errors without the breaker, for programs that only handle them. */
export { BackendLoadError, BreakerDisposedError, CallTimeoutError, CircuitOpenError } from '../errors.ts';
export { BulkheadFullError, RateLimitError, RetriesExhaustedError, ThrottledError } from '../errors.ts';
export {
  isBackendLoadError,
  isBreakerDisposedError,
  isBreakerOptionsError,
  isBulkheadFullError,
  isCallTimeoutError,
  isCircuitOpenError,
  isRateLimitError,
  isRejection,
  isRetriesExhaustedError,
  isThrottledError,
} from '../errors.ts';
export { fallbackErrorsOf } from '../policies/fallback/fallback-errors.ts';

export type { BackendAttempt, BreakerOptionsError } from '../errors.ts';
export type { FallbackFault } from '../policies/fallback/fallback-errors.ts';
