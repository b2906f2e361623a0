import { CircuitBreaker } from 'fusewire';

const options = { name: 'mpesa', failureThreshold: 3 };

export function create(saved?: string) {
  const mpesa = saved === undefined ? new CircuitBreaker(options) : CircuitBreaker.restore(JSON.parse(saved), options);

  return { call: (work: () => Promise<string>) => mpesa.execute(work), save: () => JSON.stringify(mpesa) };
}
