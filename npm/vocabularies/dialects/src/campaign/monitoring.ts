import { readOptions } from 'fusewire/kit';
import type { CircuitState } from 'fusewire';
import { isBreaker } from './circuit-breaker.ts';
import type { AnyCircuitBreaker, CircuitBreakerMetrics } from './circuit-breaker.ts';

/** Response body of `GET /api/monitoring/circuit-breakers`. */
export interface CircuitBreakerHealth {
  /** Whether every circuit is closed. */
  healthy: boolean;
  summary: { total: number; closed: number; open: number; halfOpen: number };
  circuitBreakers: Record<string, { state: CircuitState; healthy: boolean }>;
  /** With `?detailed=true`. */
  metrics?: Record<string, CircuitBreakerMetrics>;
  /** In ISO 8601. */
  timestamp: string;
}

/** Request body of `POST /api/monitoring/circuit-breakers`. */
export type ResetRequest = { readonly action: 'reset_all' } | { readonly action: 'reset'; readonly name: string };

/** Response body of `POST /api/monitoring/circuit-breakers`. */
export interface ResetResult {
  success: boolean;
  /** Names of the circuits that were reset. */
  reset: string[];
  /** Error of an invalid request. */
  error?: string;
}

/** Returns the state of all circuits. `detailed` adds their metrics. */
export function circuitBreakerHealth(
  breakers: readonly AnyCircuitBreaker[],
  options: { readonly detailed?: boolean | undefined } = {},
): CircuitBreakerHealth {
  checkBreakers('circuitBreakerHealth', breakers);
  const reader = readOptions('Circuit breaker health', 'campaign', options);
  const detailed = reader.boolean('detailed') === true;
  reader.finish();
  const states = breakers.map((breaker) => [breaker.name, breaker.getState()] as const);
  const count = (wanted: CircuitState) => states.filter(([, state]) => state === wanted).length;
  const summary = {
    total: states.length,
    closed: count('CLOSED'),
    open: count('OPEN'),
    halfOpen: count('HALF_OPEN'),
  };
  return {
    healthy: summary.closed === summary.total,
    summary,
    circuitBreakers: Object.fromEntries(
      states.map(([name, state]) => [name, { state, healthy: state === 'CLOSED' }] as const),
    ),
    ...(detailed && {
      metrics: Object.fromEntries(breakers.map((breaker) => [breaker.name, breaker.getMetrics()] as const)),
    }),
    timestamp: new Date().toISOString(),
  };
}

/** Resets the circuits that a request names. An invalid request changes nothing. */
export function resetCircuitBreakers(breakers: readonly AnyCircuitBreaker[], request: ResetRequest): ResetResult {
  checkBreakers('resetCircuitBreakers', breakers);
  const { action, name } = (request ?? {}) as { action?: unknown; name?: unknown };
  if (action !== 'reset_all' && action !== 'reset') {
    return { success: false, reset: [], error: 'action must be reset_all or reset' };
  }
  const selected = action === 'reset_all' ? breakers : breakers.filter((breaker) => breaker.name === name);
  if (action === 'reset' && selected.length === 0) {
    return { success: false, reset: [], error: `there is no circuit breaker ${String(name)}` };
  }
  for (const breaker of selected) breaker.reset();
  return { success: true, reset: selected.map((breaker) => breaker.name) };
}

function checkBreakers(caller: string, breakers: unknown): void {
  if (Array.isArray(breakers) && breakers.every(isBreaker)) return;
  throw new TypeError(`${caller} takes an array of circuit breakers`);
}
