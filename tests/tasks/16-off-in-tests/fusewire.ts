import { CircuitBreaker } from 'fusewire';

export function create(environment: string) {
  const mpesa = new CircuitBreaker({ name: 'mpesa', enabled: environment !== 'test' });

  return { call: (work: () => Promise<string>) => mpesa.execute(work) };
}
