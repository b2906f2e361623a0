/** Names that the blocks of the package's README use without declaring them. */
import { CircuitBreaker } from 'fusewire';

export { CircuitBreaker } from 'fusewire';
export { fetchRates } from './rates.ts';

export const breaker = new CircuitBreaker({ name: 'manual' });
export const snapshot = breaker.toJSON();
