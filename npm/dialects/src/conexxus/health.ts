import type { CircuitBreaker } from './circuit-breaker.ts';

/** What the service knows of its last synchronisation. */
export interface SyncStatus {
  lastSyncTime?: Date | undefined;
  lastSyncStatus?: 'success' | 'partial' | 'failed' | undefined;
  lastError?: string | undefined;
  /** Whether the API answered. */
  apiConnection: boolean;
}

/** How the integration is. */
export interface HealthStatus extends SyncStatus {
  /** Whether the circuit is not open, the API answered, and the last synchronisation did not fail. */
  isHealthy: boolean;
}

/** How the integration is, the circuit included: while it is open, `lastError` begins with that. */
export function healthStatus(breaker: CircuitBreaker, sync: SyncStatus): HealthStatus {
  const { state, nextAttemptTime } = breaker.getStats();
  const isOpen = state === 'OPEN';
  const isHealthy = !isOpen && sync.apiConnection && sync.lastSyncStatus !== 'failed';
  if (!isOpen) return { isHealthy, ...sync };
  const until = nextAttemptTime === null ? '' : `, next attempt at ${nextAttemptTime.toISOString()}`;
  const before = sync.lastError === undefined ? '' : `: ${sync.lastError}`;
  return { isHealthy, ...sync, lastError: `Circuit breaker is OPEN${until}${before}` };
}
