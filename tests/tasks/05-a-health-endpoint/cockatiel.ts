import { circuitBreaker, CircuitState, ConsecutiveBreaker, handleAll } from 'cockatiel';
import type { CircuitBreakerPolicy } from 'cockatiel';

const breakers = new Map<string, CircuitBreakerPolicy>();

function breakerOf(name: string) {
  let breaker = breakers.get(name);
  if (breaker === undefined) {
    breaker = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(5) });
    breakers.set(name, breaker);
  }
  return breaker;
}

export const call = (name: string, work: () => Promise<string>) => breakerOf(name).execute(work);
export const health = () => Object.fromEntries([...breakers].map(([name, { state }]) => [name, CircuitState[state]]));
