export { BreakerDisposedError } from './breaker-disposed-error.ts';
export { BulkheadFullError } from './bulkhead-full-error.ts';
export { CallTimeoutError } from './call-timeout-error.ts';
export { CircuitOpenError } from './circuit-open-error.ts';
export { EngineLoadError } from './engine-load-error.ts';
export { OptionsError } from './options-error.ts';
export { RateLimitedError } from './rate-limited-error.ts';
export { isRejection, RejectedError } from './rejected-error.ts';
export { RetriesExhaustedError } from './retries-exhausted-error.ts';
export { ShedError } from './shed-error.ts';

export type { OpeningReason } from './circuit-open-error.ts';
export type { BackendAttempt } from './engine-load-error.ts';
