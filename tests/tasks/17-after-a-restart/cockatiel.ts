import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';

const options = { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(3) };

export function create(saved?: string) {
  const initialState = saved === undefined ? undefined : (JSON.parse(saved) as unknown);
  const mpesa = circuitBreaker(handleAll, { ...options, initialState });

  return { call: (work: () => Promise<string>) => mpesa.execute(work), save: () => JSON.stringify(mpesa) };
}
