import { CircuitBreaker } from 'fusewire';

const api = new CircuitBreaker({ name: 'api', failureThreshold: 3, scope: 'process' });

export const ask = (work: () => Promise<string>) => api.execute(work);
