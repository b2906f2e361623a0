export { BackendLoadError, BreakerDisposedError, CallTimeoutError, CircuitOpenError } from './errors.ts';
export {
  isBackendLoadError,
  isBreakerDisposedError,
  isBreakerOptionsError,
  isCallTimeoutError,
  isCircuitOpenError,
  isRejection,
} from './errors.ts';
export { CircuitBreaker } from './breaker.ts';
export { BreakerRegistry } from './registry.ts';
export { Pipeline, pipeline } from './policies/pipeline.ts';
export { Timeout, timeout } from './policies/timeout.ts';

export type { BackendAttempt, BreakerOptionsError } from './errors.ts';
export type { BackendKind, Problem } from './backend.ts';
export type { BreakerEventName, BreakerEvents, BreakerListener } from './events.ts';
export type { FailureEvent, RejectEvent, ResetEvent, StateChangeEvent, SuccessEvent } from './events.ts';
export type { BreakerRegistryOptions, KeyedOptions } from './registry.ts';
export type { BreakerSnapshot } from './snapshot.ts';
export type { BreakerStats, ResponseTimes } from './stats.ts';
export type { CallContext } from './context.ts';
export type { CallOptions, CircuitBreakerOptions, EngineOptions, ResultPredicate, Verdict } from './options.ts';
export type { CountWindow, HalfOpen, OpenTime, Recovery, TimeWindow } from './options.ts';
export type { CallResult, RejectedResult } from './results.ts';
export type { CircuitState, Override, RejectionReason, TransitionReason } from './words.ts';
export type { Clock } from './clock.ts';
export type { Explanation } from './explain.ts';
export type { Logger } from './report.ts';
export type { PipelineLayer, PipelineOptions } from './policies/pipeline.ts';
export type { Policy, PolicyCallOptions } from './policies/policy.ts';
export type { TimeoutOptions, TimeoutStats } from './policies/timeout.ts';
