import { CircuitBreaker } from 'fusewire';
import type { Logger } from 'fusewire';

export function create(logger: Logger) {
  const mpesa = new CircuitBreaker({ name: 'mpesa', failureThreshold: 3, logger });

  return { call: (work: () => Promise<string>) => mpesa.execute(work) };
}
