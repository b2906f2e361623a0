import type { BreakerStats, CircuitState } from 'fusewire';
import type { HealthReport } from '../../health/health.ts';
import { havenHealthView } from '../../health/views.ts';
import { havenMetrics } from '../../shapes/haven.ts';
import type { HavenMetricsSummary } from '../../shapes/haven.ts';
import type { BreakerList, BreakerView } from '../operations/breakers.ts';
import { MOST_BREAKERS } from '../operations/breakers.ts';
import type { FailureSimulation, ServiceCheck, TimeoutSimulation } from '../test-bench.ts';
import type { Route } from '../route.ts';

/** Stats of one service, as the haven document has them. */
export interface HavenStats {
  readonly state: CircuitState;
  readonly failureCount: number;
  readonly successCount: number;
  /** Percentage of the breaker's lifetime in which the circuit was not open. */
  readonly uptime: number;
  /** Time of the next admission, in ISO 8601; missing if a call is admitted now. */
  readonly nextAttempt?: string;
}

const DETAILED = { detailed: true, limit: MOST_BREAKERS } as const;
const SERVICE = { breaker: 'serviceName' } as const;

/** Routes of the haven document, for the base path `/api/v1`. A breaker named `health` or `metrics` has no route of its own. */
export const havenRoutes: readonly Route[] = [
  { method: 'GET', path: '/circuit-breakers', operation: 'list', preset: DETAILED, view: statsOfAll },
  { method: 'GET', path: '/circuit-breakers/health', operation: 'health', view: havenHealth },
  { method: 'GET', path: '/circuit-breakers/metrics', operation: 'list', preset: DETAILED, view: metricsOfAll },
  { method: 'POST', path: '/circuit-breakers/reset-all', operation: 'resetAll', view: succeeded },
  { method: 'GET', path: '/circuit-breakers/{serviceName}', operation: 'breaker', rename: SERVICE, view: statsOfOne },
  {
    method: 'POST',
    path: '/circuit-breakers/{serviceName}/reset',
    operation: 'reset',
    rename: SERVICE,
    view: succeeded,
  },
  { method: 'POST', path: '/test-circuit-breaker/simulate-failure', operation: 'simulateFailure', view: simulation },
  { method: 'POST', path: '/test-circuit-breaker/simulate-timeout', operation: 'simulateTimeout', view: simulation },
  {
    method: 'POST',
    path: '/test-circuit-breaker/test-external-services',
    operation: 'checkServices',
    view: availability,
  },
];

function havenHealth(report: HealthReport): object {
  return havenHealthView(report);
}

function statsOfAll({ breakers }: BreakerList): Record<string, HavenStats> {
  return Object.fromEntries(breakers.map((breaker) => [breaker.name, statsOfOne(breaker)]));
}

function statsOfOne({ stats }: BreakerView): HavenStats {
  return havenStats(stats as BreakerStats);
}

function havenStats({ state, failureCount, successCount, uptime, nextAttemptTime }: BreakerStats): HavenStats {
  const stats = { state, failureCount, successCount, uptime };
  return nextAttemptTime === null ? stats : { ...stats, nextAttempt: nextAttemptTime.toISOString() };
}

function metricsOfAll({ breakers }: BreakerList): HavenMetricsSummary {
  return havenMetrics(breakers.map(({ name, stats }) => [name, stats as BreakerStats]));
}

function succeeded({ reset }: { readonly reset: readonly string[] }): object {
  return { success: true, reset };
}

function simulation(result: FailureSimulation | TimeoutSimulation): object {
  return { ...result, stats: havenStats(result.stats) };
}

function availability({ services }: { readonly services: readonly ServiceCheck[] }): readonly ServiceCheck[] {
  return services;
}
