export { CircuitBreaker } from './circuit-breaker.ts';
export { Status } from './status.ts';
