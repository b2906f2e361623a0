import { readOptions } from 'fusewire/kit';
import { CircuitBreaker } from './circuit-breaker.ts';

/** Status of the last synchronisation. */
export interface SyncStatus {
  lastSyncTime?: Date | undefined;
  lastSyncStatus?: 'success' | 'partial' | 'failed' | undefined;
  lastError?: string | undefined;
  /** Whether the API answered. */
  apiConnection: boolean;
}

/** Health of the integration. */
export interface HealthStatus extends SyncStatus {
  /** Whether the circuit is not open, the API answered, and the last synchronisation did not fail. */
  isHealthy: boolean;
}

/**
 * Returns the health of the integration. While the circuit is open, `lastError` begins with that fact.
 *
 * @throws {TypeError} if an argument is no breaker, or no status.
 */
export function healthStatus(breaker: CircuitBreaker, sync: SyncStatus): HealthStatus {
  checkStatus(breaker, sync);
  const { state, nextAttemptTime } = breaker.getStats();
  const isOpen = state === 'OPEN';
  const isHealthy = !isOpen && sync.apiConnection && sync.lastSyncStatus !== 'failed';
  if (!isOpen) return { isHealthy, ...sync };
  const until = nextAttemptTime === null ? '' : `, next attempt at ${nextAttemptTime.toISOString()}`;
  const before = sync.lastError ? `: ${sync.lastError}` : '';
  return { isHealthy, ...sync, lastError: `Circuit breaker is OPEN${until}${before}` };
}

/** Rejects an invalid status. Fields of the caller's own are accepted. */
function checkStatus(breaker: unknown, sync: unknown): void {
  if (!(breaker instanceof CircuitBreaker)) throw new TypeError('healthStatus takes a CircuitBreaker');
  const reader = readOptions('Health status', 'conexxus', sync);
  reader.boolean('apiConnection');
  reader.rest();
  reader.finish('apiConnection');
}
