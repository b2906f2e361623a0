export { BreakerDisposedError, CallTimeoutError, CircuitOpenError, EngineLoadError } from './errors/index.ts';
export { BulkheadFullError, RateLimitedError, RejectedError, ShedError } from './errors/index.ts';
export { isRejection, OptionsError, RetriesExhaustedError } from './errors/index.ts';
export { CircuitBreaker } from './breaker/circuit-breaker.ts';
export { BreakerRegistry } from './breaker/registry.ts';
export { alternative } from './policies/fallback/alternative.ts';
export { cache } from './policies/cache/cache.ts';
export { fallback } from './policies/fallback/fallback.ts';
export { adaptiveBulkhead } from './policies/adaptive-bulkhead/adaptive-bulkhead.ts';
export { bulkhead } from './policies/bulkhead/bulkhead.ts';
export { hedge } from './policies/hedge/hedge.ts';
export { pipeline } from './policies/pipeline/pipeline.ts';
export { rateLimit } from './policies/rate-limit/rate-limit.ts';
export { retry } from './policies/retry/retry.ts';
export { retryBudget } from './policies/retry/retry-budget.ts';
export { shedLoad } from './policies/shed-load/shed-load.ts';
export { timeout } from './policies/timeout/timeout.ts';

export type { BackendAttempt, OpeningReason } from './errors/index.ts';
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
export type { ErrorSummary } from './breaker/error-summary.ts';
export type { CallContext } from './run/call-context.ts';
export type { ClassificationOptions, Judgement, Outcome, Verdict } from './classification/outcome.ts';
export type { ResultPredicate, ValueClassificationOptions } from './classification/outcome.ts';
export type { CircuitBreakerOptions, EngineOptions, UpdateOptions } from './breaker/options.ts';
export type { ShadowUpdate } from './breaker/update.ts';
export type { FirstValue, ObservableHandling } from './run/observables.ts';
export type { ObservableLike, ObservableOptions } from './run/observables.ts';
export type { CallOptions } from './run/call-options.ts';
export type { CountWindow, HalfOpen, InFlight, OpenTime, Recovery, TimeWindow } from './breaker/options.ts';
export type {
  IfSpecial,
  ItemOf,
  PolicyStreamOptions,
  ReadableLike,
  SpecialResult,
  SpecialValue,
  StreamLimits,
  StreamNotRead,
  StreamOf,
  StreamOptions,
  StreamResult,
  StreamSource,
} from './run/stream-types.ts';
export type { CallResult, FailureResult, RejectedResult, SuccessResult } from './run/results.ts';
export type { Runner } from './run/runner.ts';
export type { CircuitState, Override, RejectionReason, TransitionReason } from './engine/names.ts';
export type { Clock } from './time/clock.ts';
export type { Explanation } from './breaker/explanation.ts';
export type { Logger } from './logging.ts';
export type { AlternativeOptions } from './policies/fallback/alternative.ts';
export type { AnswerSource } from './run/answer-source.ts';
export type { Cache } from './policies/cache/cache.ts';
export type { CacheOptions, CacheStats } from './policies/cache/options.ts';
export type { FallbackContext, FallbackReason } from './policies/fallback/fallback-context.ts';
export type { Fallback, FallbackOptions, FallbackStats } from './policies/fallback/fallback.ts';
export type {
  FallbackFunction,
  FallbackStep,
  FallbackStrategy,
  StrategyOptions,
} from './policies/fallback/fallback-strategy.ts';
export type {
  AdaptiveBulkhead,
  AdaptiveBulkheadOptions,
  AdaptiveBulkheadStats,
} from './policies/adaptive-bulkhead/adaptive-bulkhead.ts';
export type { Bulkhead, BulkheadOptions } from './policies/bulkhead/bulkhead.ts';
export type { Hedge, HedgeOptions, HedgePartOptions, HedgeStats } from './policies/hedge/hedge.ts';
export type { LimiterStats } from './policies/concurrency/concurrency-limiter.ts';
export type { Pipeline, PipelineLayer } from './policies/pipeline/pipeline.ts';
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
export type { KeyedCallOptions, PolicyCallOptions, WrapOptions } from './run/call-options.ts';
export type { RateLimit, RateLimitOptions, RateLimitStats } from './policies/rate-limit/rate-limit.ts';
export type { RetryBudget, RetryBudgetOptions, RetryBudgetStats } from './policies/retry/retry-budget.ts';
export type { RetryContext, RetryDelay, RetryOptions } from './policies/retry/options.ts';
export type { Retry, RetryStats } from './policies/retry/retry.ts';
export type { ShedLoad, ShedLoadOptions, ShedLoadStats } from './policies/shed-load/shed-load.ts';
export type { Timeout, TimeoutOptions, TimeoutStats } from './policies/timeout/timeout.ts';
