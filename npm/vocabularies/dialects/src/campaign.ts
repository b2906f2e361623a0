export { CircuitBreaker } from './campaign/circuit-breaker.ts';
export { CircuitBreakerConfigs, configFor } from './campaign/configs.ts';
export { ExternalServiceManager } from './campaign/external-services.ts';
export {
  ApolloFallbackStrategy,
  CachedDataFallbackStrategy,
  DegradedModeFallbackStrategy,
  LinkedInFallbackStrategy,
  N8NQueueFallbackStrategy,
  N8NSimulationFallbackStrategy,
  ReachInboxFallbackStrategy,
  UnipileFallbackStrategy,
} from './campaign/strategies.ts';
export { N8NClientError, N8NError, N8NRateLimitError, N8NServerError } from './campaign/n8n-errors.ts';
export { classifyN8NError, isRetriable, n8nErrorOf } from './campaign/n8n-errors.ts';
export { redisAnswers } from './campaign/answer-store.ts';
export { circuitBreakerHealth, resetCircuitBreakers } from './campaign/monitoring.ts';
export { campaignHealth, healthStatusOf } from './campaign/resilience.ts';

export type { AnswerStore, RedisClient } from './campaign/answer-store.ts';
export type { AnyCircuitBreaker, CallDescription, CircuitBreakerExtras } from './campaign/circuit-breaker.ts';
export type { CircuitBreakerMetrics } from './campaign/circuit-breaker.ts';
export type { CircuitBreakerConfig, Environment } from './campaign/configs.ts';
export type {
  ExternalService,
  ExternalServiceManagerOptions,
  ServiceStrategies,
} from './campaign/external-services.ts';
export type { AnswerOf, AnyStrategy, FallbackStrategy, StandingStrategy } from './campaign/fallback-strategy.ts';
export type { ManualReview, QueueFallbackOptions, ReviewFallbackOptions } from './campaign/strategies.ts';
export type { StoredAnswersOptions } from './campaign/stored-answers.ts';
export type { Logger } from './logger.ts';
export type { CircuitBreakerHealth, ResetRequest, ResetResult } from './campaign/monitoring.ts';
export type { CampaignHealth, CampaignSystems, HealthStatus } from './campaign/resilience.ts';
