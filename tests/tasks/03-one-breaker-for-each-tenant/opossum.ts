import CircuitBreaker from 'opossum';

const breakers = new Map<string, CircuitBreaker<[() => Promise<string>], string>>();

function breakerOf(tenant: string) {
  let breaker = breakers.get(tenant);
  if (breaker === undefined) {
    breaker = new CircuitBreaker((work: () => Promise<string>) => work(), { volumeThreshold: 3 });
    breakers.set(tenant, breaker);
  }
  return breaker;
}

export const ask = (tenant: string, work: () => Promise<string>) => breakerOf(tenant).fire(work);
