export { circuitBreaker } from './interceptor.ts';
