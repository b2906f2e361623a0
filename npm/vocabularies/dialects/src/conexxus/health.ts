import { readOptions } from 'fusewire/kit';
import type { CircuitState } from 'fusewire';
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
  /** State of the circuit. */
  state: CircuitState;
}

const OPEN = 'Circuit breaker is OPEN';

/**
 * Returns the health of the integration. While the circuit is open, `lastError` begins with that fact. The error that opened it
 * follows if that of the last synchronisation only says so, too.
 *
 * @throws {TypeError} if an argument is no breaker, or no status.
 */
export function healthStatus(breaker: CircuitBreaker, sync: SyncStatus): HealthStatus {
  checkStatus(breaker, sync);
  const { state, nextAttemptTime } = breaker.getStats();
  const isOpen = state === 'OPEN';
  const isHealthy = !isOpen && sync.apiConnection && sync.lastSyncStatus !== 'failed';
  if (!isOpen) return { isHealthy, state, ...sync };
  const until = nextAttemptTime === null ? '' : `, next attempt at ${nextAttemptTime.toISOString()}`;
  const isRejection = sync.lastError?.startsWith(OPEN) ?? true;
  const cause = isRejection ? breaker.engine.getStats().lastError?.message : sync.lastError;
  return { isHealthy, state, ...sync, lastError: `${OPEN}${until}${cause ? `: ${cause}` : ''}` };
}

/** Rejects an invalid status. Fields of the caller's own are accepted. */
function checkStatus(breaker: unknown, sync: unknown): void {
  if (!(breaker instanceof CircuitBreaker)) throw new TypeError('healthStatus takes a CircuitBreaker');
  const reader = readOptions('Health status', 'conexxus', sync);
  reader.boolean('apiConnection');
  reader.rest();
  reader.finish('apiConnection');
}
