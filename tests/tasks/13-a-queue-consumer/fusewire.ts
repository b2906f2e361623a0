import { CircuitBreaker } from 'fusewire';

const mail = new CircuitBreaker({ name: 'mail', failureThreshold: 3, resetTimeout: 200 });

export const handle = (message: () => Promise<string>) => mail.execute(message);
export const ready = (signal: AbortSignal) => mail.ready({ signal });
