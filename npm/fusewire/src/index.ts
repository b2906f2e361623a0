export { BackendLoadError, BreakerDisposedError, CallTimeoutError, CircuitOpenError } from './errors.ts';
export { BulkheadFullError, RateLimitError, RetriesExhaustedError, ThrottledError } from './errors.ts';
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
} from './errors.ts';
export { CircuitBreaker } from './breaker.ts';
export { BreakerRegistry } from './registry.ts';
export { alternative } from './policies/fallback/alternative.ts';
export { Cached, cached } from './policies/fallback/cache.ts';
export { degraded } from './policies/fallback/degraded.ts';
export { Fallback, fallback } from './policies/fallback/fallback.ts';
export { fallbackErrorsOf } from './policies/fallback/faults.ts';
export { memoryQueue } from './policies/fallback/memory-queue.ts';
export { queueOver } from './policies/fallback/queue.ts';
export { Queued, queued } from './policies/fallback/queued.ts';
export { simulated } from './policies/fallback/simulated.ts';
export { readOptions } from './options-reader.ts';
export { Adaptive, adaptive } from './adaptive/adaptive.ts';
export { AdaptiveLimit, adaptiveLimit } from './policies/adaptive-limit.ts';
export { Bulkhead, bulkhead } from './policies/bulkhead.ts';
export { Hedge, hedge } from './policies/hedge.ts';
export { Pipeline, pipeline } from './policies/pipeline.ts';
export { RateLimit, rateLimit } from './policies/rate-limit.ts';
export { Retry, retry } from './policies/retry.ts';
export { readRetryAfter } from './policies/retry-after.ts';
export { RetryBudget, retryBudget } from './policies/retry-budget.ts';
export { Throttle, throttle } from './policies/throttle.ts';
export { Timeout, timeout } from './policies/timeout.ts';

export type { BackendAttempt, BreakerOptionsError } from './errors.ts';
export type { BackendKind, Problem } from './backend.ts';
export type { BreakerEventName, BreakerEvents, BreakerListener } from './events.ts';
export type {
  FailureEvent,
  PredictionEvent,
  PredictionSign,
  RejectEvent,
  ResetEvent,
  StateChangeEvent,
  SuccessEvent,
} from './events.ts';
export type { BreakerRegistryOptions, KeyedOptions } from './registry.ts';
export type { BreakerSnapshot } from './snapshot.ts';
export type { BreakerStats, ResponseTimes } from './stats.ts';
export type { CallContext } from './context.ts';
export type { CallOptions, CircuitBreakerOptions, EngineOptions, ResultPredicate, Verdict } from './options.ts';
export type { CountWindow, HalfOpen, InFlight, OpenTime, Recovery, TimeWindow } from './options.ts';
export type { CallResult, RejectedResult } from './results.ts';
export type { CircuitState, Override, RejectionReason, TransitionReason } from './words.ts';
export type { Clock } from './clock.ts';
export type { Explanation } from './explain.ts';
export type { Logger } from './report.ts';
export type { AdaptiveExplanation, AdaptiveOptions, AdaptiveStats, Foreseen } from './adaptive/options.ts';
export type {
  PredictionOptions,
  PredictionStats,
  ScheduleEntry,
  ScheduleOptions,
  Weekday,
} from './adaptive/options.ts';
export type { AlternativeOptions } from './policies/fallback/alternative.ts';
export type { AnswerSource, SourcedAnswer } from './policies/fallback/source.ts';
export type { CachedOptions, CachedStats } from './policies/fallback/cache.ts';
export type { DeadLetter, Lease, Queue, QueueMessage, QueueReceipt, QueueSize } from './policies/fallback/queue.ts';
export type { FallbackContext, FallbackReason } from './policies/fallback/context.ts';
export type { FallbackFault } from './policies/fallback/faults.ts';
export type { FallbackOptions, FallbackStats } from './policies/fallback/fallback.ts';
export type { FallbackStrategy, StrategyOptions } from './policies/fallback/strategy.ts';
export type { MemoryQueueOptions } from './policies/fallback/memory-queue.ts';
export type { PutBack, QueueStore, StoredMessage } from './policies/fallback/queue.ts';
export type { QueuedOptions, QueuedStats } from './policies/fallback/queued.ts';
export type { ReplayContext, ReplayReport } from './policies/fallback/replay.ts';
export type { AdaptiveLimitOptions, AdaptiveLimitStats } from './policies/adaptive-limit.ts';
export type { BulkheadOptions } from './policies/bulkhead.ts';
export type { HedgeOptions, HedgeStats } from './policies/hedge.ts';
export type { LimiterStats } from './policies/limiter.ts';
export type { PipelineLayer, PipelineOptions } from './policies/pipeline.ts';
export type { PipelineParts } from './policies/parts.ts';
export type { Policy, PolicyCallOptions } from './policies/policy.ts';
export type { OptionsReader } from './options-reader.ts';
export type { RateLimitOptions, RateLimitStats } from './policies/rate-limit.ts';
export type { RetryBudgetOptions, RetryBudgetStats } from './policies/retry-budget.ts';
export type { RetryContext, RetryDelay, RetryOptions, RetryStats } from './policies/retry.ts';
export type { ThrottleOptions, ThrottleStats } from './policies/throttle.ts';
export type { TimeoutOptions, TimeoutStats } from './policies/timeout.ts';
