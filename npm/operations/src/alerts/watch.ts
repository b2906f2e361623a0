import type { BreakerRegistry, CircuitBreaker } from 'fusewire';

/** Receives the breakers of a target as they come and go. */
export interface BreakerSink<Watched> {
  add(breaker: CircuitBreaker, name: string): Watched;
  remove(watched: Watched): void;
}

/**
 * Adds the breakers of a registry, now and later, or one breaker. Returns a function that removes them again.
 *
 * @throws {TypeError} if the target is neither.
 */
export function watchTarget<Watched>(target: unknown, sink: BreakerSink<Watched>): () => void {
  if (isRegistry(target)) return watchRegistry(target, sink);
  if (!isBreaker(target)) throw new TypeError('Alerts: watch() takes a registry or a circuit breaker');
  const watched = sink.add(target, target.name);
  return () => sink.remove(watched);
}

function watchRegistry<Watched>(registry: BreakerRegistry, sink: BreakerSink<Watched>): () => void {
  const all = new Map<CircuitBreaker, Watched>();
  const add = (breaker: CircuitBreaker, name: string) => {
    if (!breaker.disposed && !all.has(breaker)) all.set(breaker, sink.add(breaker, name));
  };
  const remove = (breaker: CircuitBreaker) => {
    const watched = all.get(breaker);
    if (all.delete(breaker)) sink.remove(watched as Watched);
  };
  const removals = [
    registry.on('created', ({ breaker, name }) => add(breaker, name)),
    registry.on('evicted', ({ breaker }) => remove(breaker)),
  ];
  for (const [name, breaker] of registry) add(breaker, name);
  return () => {
    for (const removal of removals) removal();
    for (const breaker of [...all.keys()]) remove(breaker);
  };
}

function isRegistry(value: unknown): value is BreakerRegistry {
  return hasMethods(value, ['getAll', 'on']);
}

function isBreaker(value: unknown): value is CircuitBreaker {
  return hasMethods(value, ['getStats', 'execute', 'on']) && !('getAll' in (value as object));
}

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function');
}
