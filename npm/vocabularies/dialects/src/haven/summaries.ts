import { havenMetrics } from '@fusewire/operations/shapes';
import type { CircuitState, ResponseTimes } from 'fusewire';
import type { CircuitBreaker } from './circuit-breaker.ts';

/** Health of one service. */
export interface ServiceHealth {
  state: CircuitState;
  /** Whether the circuit is closed. */
  healthy: boolean;
  /** Time of the next admission, in ISO 8601; missing if a call is admitted now. */
  nextAttempt?: string;
}

/** Health of all services. */
export interface HealthSummary {
  /** `'healthy'` if all circuits are closed, `'unhealthy'` if all are open, or else `'degraded'`. */
  status: 'healthy' | 'degraded' | 'unhealthy';
  total: number;
  closed: number;
  open: number;
  halfOpen: number;
  services: Record<string, ServiceHealth>;
  /** In ISO 8601. */
  timestamp: string;
}

/** Metrics of one service since the creation of its breaker. Times are milliseconds. */
export interface ServiceMetrics {
  state: CircuitState;
  totalRequests: number;
  totalSuccesses: number;
  totalFailures: number;
  totalTimeouts: number;
  totalRejected: number;
  /** Percentage of the calls that ran. */
  failureRate: number;
  /** Null before the first call. */
  averageResponseTime: number | null;
  responseTimes: ResponseTimes;
  uptime: number;
  stateChanges: number;
  /** In ISO 8601; null before the first. */
  lastFailureTime: string | null;
  /** In ISO 8601; null before the first. */
  lastSuccessTime: string | null;
}

/** Metrics of all services. */
export interface MetricsSummary {
  summary: Pick<
    ServiceMetrics,
    'totalRequests' | 'totalSuccesses' | 'totalFailures' | 'totalTimeouts' | 'totalRejected' | 'failureRate'
  >;
  services: Record<string, ServiceMetrics>;
  /** In ISO 8601. */
  timestamp: string;
}

/** Returns the health of the services. */
export function healthOf(breakers: readonly CircuitBreaker[]): HealthSummary {
  const services = Object.fromEntries(breakers.map((breaker) => [breaker.name, serviceHealth(breaker)]));
  const states = Object.values(services).map(({ state }) => state);
  const count = (wanted: CircuitState) => states.filter((state) => state === wanted).length;
  const [closed, open, halfOpen] = [count('CLOSED'), count('OPEN'), count('HALF_OPEN')];
  const total = states.length;
  const status = closed === total ? 'healthy' : open === total ? 'unhealthy' : 'degraded';
  return { status, total, closed, open, halfOpen, services, timestamp: new Date().toISOString() };
}

/** Returns the metrics of the services. */
export function metricsOf(breakers: readonly CircuitBreaker[]): MetricsSummary {
  return havenMetrics(breakers.map(({ name, engine }) => [name, engine.getStats()]));
}

function serviceHealth(breaker: CircuitBreaker): ServiceHealth {
  const { state, nextAttempt } = breaker.getStats();
  return { state, healthy: state === 'CLOSED', ...(nextAttempt !== undefined && { nextAttempt }) };
}
