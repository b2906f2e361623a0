export { CircuitBreaker } from './haven/circuit-breaker.ts';
export { CircuitBreakerManager } from './haven/circuit-breaker-manager.ts';
export {
  circuitBreakerManager,
  emailCircuitBreaker,
  kcbCircuitBreaker,
  mpesaCircuitBreaker,
  pesapalCircuitBreaker,
  smsCircuitBreaker,
  whatsappCircuitBreaker,
} from './haven/services.ts';

export type { CircuitBreakerOptions, CircuitBreakerStats } from './haven/circuit-breaker.ts';
export type { ManagerOptions } from './haven/circuit-breaker-manager.ts';
export type { ReadyMadeOptions } from './haven/ready-made.ts';
export type { Logger } from './logger.ts';
export type { CircuitAlert, ReportingOptions, StateChange } from './haven/reporting.ts';
export type { ExternalService, FailureSimulation, SimulatedCall, TimeoutSimulation } from './haven/simulations.ts';
export type { HealthSummary, MetricsSummary, ServiceHealth, ServiceMetrics } from './haven/summaries.ts';
