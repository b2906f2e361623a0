export { CircuitBreaker, CircuitBreakerOpenError } from './conexxus/circuit-breaker.ts';
export { clientOptions, retryOptions } from './conexxus/client.ts';
export { healthStatus } from './conexxus/health.ts';
export { syncFailureLogger, syncRunner } from './conexxus/sync-failures.ts';
export { readEnvironment, validateEnvironment } from './conexxus/environment.ts';

export type { CircuitBreakerOptions, CircuitBreakerStats, ExecuteOptions } from './conexxus/circuit-breaker.ts';
export type { ClientOptions } from './conexxus/client.ts';
export type { ConexxusEnvironment } from './conexxus/environment.ts';
export type {
  EventLogSink,
  SyncFailureLoggerOptions,
  SyncFailureRecord,
  SyncRunner,
} from './conexxus/sync-failures.ts';
export type { HealthStatus, SyncStatus } from './conexxus/health.ts';
export type { Logger } from './conexxus/logger.ts';
