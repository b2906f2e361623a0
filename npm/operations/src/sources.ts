import type { CircuitBreaker } from 'fusewire';

/** Breakers by their names: a `BreakerRegistry`, or a `Map`. */
export interface BreakerSource {
  get(name: string): CircuitBreaker | undefined;
  [Symbol.iterator](): Iterator<readonly [name: string, breaker: CircuitBreaker]>;
}

/** Whether a value can be a {@link BreakerSource}. */
export function isBreakerSource(value: unknown): value is BreakerSource {
  if (typeof value !== 'object' || value === null) return false;
  const source = value as Partial<BreakerSource>;
  return typeof source.get === 'function' && typeof source[Symbol.iterator] === 'function';
}

/** Returns one source over several. Of breakers with the same name, that of the first source counts. */
export function joinSources(sources: readonly BreakerSource[]): BreakerSource {
  const [first] = sources;
  if (first !== undefined && sources.length === 1) return first;
  return {
    get: (name) => sources.map((source) => source.get(name)).find((breaker) => breaker !== undefined),
    [Symbol.iterator]: () =>
      new Map(
        sources.toReversed().flatMap((source) => [...source].map(([name, breaker]) => [name, breaker])),
      ).entries(),
  };
}

/** Returns the breakers of a source that were not disposed. */
export function usableBreakers(source: BreakerSource): (readonly [name: string, breaker: CircuitBreaker])[] {
  return [...source].filter(([, breaker]) => !breaker.disposed);
}
