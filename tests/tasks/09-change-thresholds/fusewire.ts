import { CircuitBreaker } from 'fusewire';

const api = new CircuitBreaker({ name: 'api', failureRateThreshold: 0.9, minimumCalls: 5 });

export const ask = (work: () => Promise<string>) => api.execute(work);
export const tighten = () => api.update({ failureRateThreshold: 0.2 });
