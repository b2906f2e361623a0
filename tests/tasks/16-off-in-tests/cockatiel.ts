import { circuitBreaker, ConsecutiveBreaker, handleAll, noop } from 'cockatiel';

export function create(environment: string) {
  const options = { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(5) };
  const mpesa = environment === 'test' ? noop : circuitBreaker(handleAll, options);

  return { call: (work: () => Promise<string>) => mpesa.execute(work) };
}
