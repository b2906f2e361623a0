export { BreakerDisposedError, CallTimeoutError, CircuitOpenError, EngineLoadError } from './errors/index.ts';
export { BulkheadFullError, RateLimitedError, RejectedError, ShedError } from './errors/index.ts';
export { isRejection, OptionsError, RetriesExhaustedError } from './errors/index.ts';
export { defineErrorClass } from './errors/error-class.ts';
export { CircuitBreaker } from './breaker/circuit-breaker.ts';
export { BreakerRegistry } from './breaker/registry.ts';
export { alternative } from './policies/fallback/alternative.ts';
export { Cached, cached } from './policies/fallback/cached/cached.ts';
export { degraded } from './policies/fallback/degraded.ts';
export { Fallback, fallback } from './policies/fallback/fallback.ts';
export { fallbackErrorsOf } from './policies/fallback/fallback-errors.ts';
export { memoryQueue } from './policies/fallback/queued/memory-queue.ts';
export { queueOver } from './policies/fallback/queued/queue.ts';
export { Queued, queued } from './policies/fallback/queued/queued.ts';
export { simulated } from './policies/fallback/simulated.ts';
export { readOptions } from './options/options-reader.ts';
export { suggestion } from './options/suggestion.ts';
export { Adaptive, adaptive } from './adaptive/adaptive.ts';
export { AdaptiveBulkhead, adaptiveBulkhead } from './policies/adaptive-bulkhead/adaptive-bulkhead.ts';
export { Bulkhead, bulkhead } from './policies/bulkhead/bulkhead.ts';
export { Hedge, hedge } from './policies/hedge/hedge.ts';
export { Pipeline, pipeline } from './policies/pipeline/pipeline.ts';
export { RateLimit, rateLimit } from './policies/rate-limit/rate-limit.ts';
export { Retry, retry } from './policies/retry/retry.ts';
export { readRetryAfter } from './policies/retry/retry-after.ts';
export { RetryBudget, retryBudget } from './policies/retry/retry-budget.ts';
export { ShedLoad, shedLoad } from './policies/shed-load/shed-load.ts';
export { Timeout, timeout } from './policies/timeout/timeout.ts';

export type { BackendAttempt } from './errors/index.ts';
export type { BackendKind, Problem } from './engine/backend.ts';
export type { BreakerEventName, BreakerEvents, BreakerListener } from './breaker/events.ts';
export type {
  FailureEvent,
  PredictionEvent,
  PredictionSign,
  RejectEvent,
  ResetEvent,
  StateChangeEvent,
  SuccessEvent,
} from './breaker/events.ts';
export type { BreakerRegistryOptions } from './breaker/registry.ts';
export type {
  BreakerCreatedEvent,
  BreakerEvictedEvent,
  BreakerHealth,
  RegistryEvents,
  RegistryHealth,
} from './breaker/registry-events.ts';
export type { Permit } from './breaker/permit.ts';
export type { BreakerSnapshot } from './breaker/snapshot.ts';
export type { BreakerStats, ResponseTimes } from './breaker/stats.ts';
export type { CallContext } from './run/call-context.ts';
export type {
  CircuitBreakerOptions,
  EngineOptions,
  ResultPredicate,
  UpdateOptions,
  Verdict,
} from './breaker/options.ts';
export type { ShadowUpdate } from './breaker/update.ts';
export type { FirstValue, IfObservable, ObservableHandling } from './run/observables.ts';
export type { ObservableLike, ObservableOptions } from './run/observables.ts';
export type { CallOptions } from './run/call-options.ts';
export type { CountWindow, HalfOpen, InFlight, OpenTime, Recovery, TimeWindow } from './breaker/options.ts';
export type { CallResult, RejectedResult } from './breaker/results.ts';
export type { CircuitState, Override, RejectionReason, TransitionReason } from './engine/names.ts';
export type { Clock } from './time/clock.ts';
export type { Explanation } from './breaker/explanation.ts';
export type { Logger } from './logging.ts';
export type { AdaptiveExplanation, AdaptiveOptions, AdaptiveStats, Foreseen } from './adaptive/options.ts';
export type {
  PredictionOptions,
  PredictionStats,
  ScheduleEntry,
  ScheduleOptions,
  Weekday,
} from './adaptive/options.ts';
export type { AlternativeOptions } from './policies/fallback/alternative.ts';
export type { AnswerSource, SourcedAnswer } from './run/answer-source.ts';
export type { CachedOptions, CachedStats } from './policies/fallback/cached/cached.ts';
export type {
  DeadLetter,
  Lease,
  Queue,
  QueueMessage,
  QueueReceipt,
  QueueSize,
} from './policies/fallback/queued/queue.ts';
export type { FallbackContext, FallbackReason } from './policies/fallback/fallback-context.ts';
export type { FallbackFault } from './policies/fallback/fallback-errors.ts';
export type { FallbackOptions, FallbackStats } from './policies/fallback/fallback.ts';
export type {
  FallbackFunction,
  FallbackStep,
  FallbackStrategy,
  StrategyOptions,
} from './policies/fallback/fallback-strategy.ts';
export type { MemoryQueueOptions } from './policies/fallback/queued/memory-queue.ts';
export type { PutBack, QueueStore, StoredMessage } from './policies/fallback/queued/queue.ts';
export type { QueuedOptions, QueuedStats } from './policies/fallback/queued/queued.ts';
export type { ReplayContext, ReplayReport } from './policies/fallback/queued/replay.ts';
export type { AdaptiveBulkheadOptions, AdaptiveBulkheadStats } from './policies/adaptive-bulkhead/adaptive-bulkhead.ts';
export type { BulkheadOptions } from './policies/bulkhead/bulkhead.ts';
export type { HedgeOptions, HedgeStats } from './policies/hedge/hedge.ts';
export type { LimiterStats } from './policies/concurrency/concurrency-limiter.ts';
export type { PipelineLayer } from './policies/pipeline/pipeline.ts';
export type { PipelineOptions } from './policies/pipeline/options.ts';
export type { PipelineParts } from './policies/pipeline/pipeline-parts.ts';
export type { Policy } from './policies/policy.ts';
export type {
  EnqueueEvent,
  FallbackEvent,
  HedgeEvent,
  PolicyEvent,
  PolicyEventName,
  PolicyEvents,
  PolicyRejectEvent,
  PolicyTimeoutEvent,
  RetryEvent,
} from './policies/policy-events.ts';
export type { PipelineEvent, PipelineEventName } from './policies/pipeline/pipeline-listeners.ts';
export type { PolicyCallOptions } from './run/call-options.ts';
export type { OptionsReader } from './options/options-reader.ts';
export type { RateLimitOptions, RateLimitStats } from './policies/rate-limit/rate-limit.ts';
export type { RetryBudgetOptions, RetryBudgetStats } from './policies/retry/retry-budget.ts';
export type { RetryContext, RetryDelay, RetryOptions } from './policies/retry/options.ts';
export type { RetryStats } from './policies/retry/retry.ts';
export type { ShedLoadOptions, ShedLoadStats } from './policies/shed-load/shed-load.ts';
export type { TimeoutOptions, TimeoutStats } from './policies/timeout/timeout.ts';
