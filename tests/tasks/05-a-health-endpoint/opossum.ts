import CircuitBreaker from 'opossum';

const breakers = new Map<string, CircuitBreaker<[() => Promise<string>], string>>();

function breakerOf(name: string) {
  let breaker = breakers.get(name);
  if (breaker === undefined) {
    breaker = new CircuitBreaker((work: () => Promise<string>) => work(), { name, volumeThreshold: 5 });
    breakers.set(name, breaker);
  }
  return breaker;
}

export const call = (name: string, work: () => Promise<string>) => breakerOf(name).fire(work);
export const health = () =>
  Object.fromEntries([...breakers].map(([name, breaker]) => [name, breaker.opened ? 'open' : 'closed']));
