import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';
import type { CircuitBreakerPolicy } from 'cockatiel';

const breakers = new Map<string, CircuitBreakerPolicy>();

function breakerOf(tenant: string) {
  let breaker = breakers.get(tenant);
  if (breaker === undefined) {
    breaker = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(3) });
    breakers.set(tenant, breaker);
  }
  return breaker;
}

export const ask = (tenant: string, work: () => Promise<string>) => breakerOf(tenant).execute(work);
