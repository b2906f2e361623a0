import type {
  CircuitBreakerOptions,
  CountWindow,
  HalfOpen,
  InFlight,
  OpenTime,
  Recovery,
  TimeWindow,
} from './options.ts';

/** Options of a breaker, each with those inside it. */
const OPTIONS: { readonly [Option in keyof Required<CircuitBreakerOptions>]: readonly string[] } = {
  name: [],
  clock: [],
  classify: [],
  isFailure: [],
  logger: [],
  backend: [],
  scope: [],
  rejectionStack: [],
  observables: [],
  enabled: [],
  initialMode: [],
  failureThreshold: [],
  consecutiveFailureThreshold: [],
  failureRateThreshold: [],
  slowCallRateThreshold: [],
  slowCallDuration: [],
  minimumCalls: [],
  window: ['type', 'duration', 'buckets', 'size'] satisfies (keyof TimeWindow | keyof CountWindow)[],
  monitoringWindow: [],
  monitoringPeriod: [],
  resetTimeout: ['initial', 'factor', 'max', 'jitter'] satisfies (keyof OpenTime)[],
  retryDelay: [],
  successThreshold: [],
  maxConcurrentRequests: [],
  halfOpen: ['calls', 'failureRateThreshold'] satisfies (keyof HalfOpen)[],
  recovery: ['ramp', 'initialShare'] satisfies (keyof Recovery)[],
  inFlight: ['limit'] satisfies (keyof InFlight)[],
  timeout: [],
  responseTimes: [],
  seed: [],
};

/** Paths of every option of a breaker, to suggest for a misspelt one. */
export const OPTION_PATHS: readonly string[] = Object.entries(OPTIONS).flatMap(([option, nested]) => [
  option,
  ...nested.map((name) => `${option}.${name}`),
]);
