import { CircuitBreaker, CircuitOpenError } from 'fusewire';

const mpesa = new CircuitBreaker({ name: 'mpesa', failureThreshold: 3 });

export const ask = (work: () => Promise<string>) => mpesa.execute(work);
export const whyOf = (error: unknown) => (error instanceof CircuitOpenError ? error.message : undefined);
