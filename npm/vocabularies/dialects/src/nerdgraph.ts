export { CircuitBreaker } from './nerdgraph/circuit-breaker.ts';
export { CircuitBreakerFactory } from './nerdgraph/circuit-breaker-factory.ts';
export { CircuitBreakerMonitor } from './nerdgraph/circuit-breaker-monitor.ts';
export { CircuitState } from './nerdgraph/types.ts';
export { CircuitBreakerOpenError, CircuitBreakerTimeoutError } from './nerdgraph/errors.ts';
export { circuitBreakerDashboard, dashboardInput } from './nerdgraph/dashboard.ts';

export type {
  CircuitBreakerConfig,
  CircuitBreakerEvents,
  CircuitBreakerStats,
  ExecuteOptions,
  Logger,
} from './nerdgraph/types.ts';
export type { CircuitBreakerMetric, MetricStreamer } from './nerdgraph/circuit-breaker-monitor.ts';
export type { Dashboard, DashboardInput, DashboardWidgetInput } from './nerdgraph/dashboard.ts';
