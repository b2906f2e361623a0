export { CircuitBreaker, CircuitBreakerOpenError } from './conexxus/circuit-breaker.ts';
export { clientOptions, retryOptions } from './conexxus/client.ts';
export { healthStatus } from './conexxus/health.ts';
export { syncFailureLogger } from './conexxus/sync-failures.ts';
export { validateEnvironment } from './conexxus/environment.ts';

export type { CircuitBreakerOptions, CircuitBreakerStats } from './conexxus/circuit-breaker.ts';
export type { ClientOptions } from './conexxus/client.ts';
export type { ConexxusEnvironment } from './conexxus/environment.ts';
export type { EventLogSink, SyncFailureLoggerOptions, SyncFailureRecord } from './conexxus/sync-failures.ts';
export type { HealthStatus, SyncStatus } from './conexxus/health.ts';
export type { Logger } from './conexxus/logger.ts';
