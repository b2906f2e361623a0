import type { BreakerRegistry } from 'fusewire';

const byInstance = new WeakMap<object, BreakerRegistry>();
const byClass = new WeakMap<object, BreakerRegistry>();
const decorated = new WeakSet<object>();

/** Notes that a prototype has a decorated method. */
export function markDecorated(prototype: object): void {
  decorated.add(prototype);
}

/** Whether a method of a prototype, or of one that it extends, is decorated. */
export function isDecorated(prototype: unknown): boolean {
  for (let its = prototype; typeof its === 'object' && its !== null; its = Object.getPrototypeOf(its)) {
    if (decorated.has(its)) return true;
  }
  return false;
}

/**
 * Gives the decorated methods of an object their breakers. The module does so for everything that NestJS creates; a test that
 * creates a service without NestJS calls this.
 *
 * @returns the object.
 */
export function bindBreakers<T extends object>(object: T, registry: BreakerRegistry): T {
  byInstance.set(object, registry);
  return object;
}

/** Gives a class its breakers, for objects that are created for each request. */
export function bindClass(its: object, registry: BreakerRegistry): void {
  byClass.set(its, registry);
}

/** Returns the registry of an object, or throws an error that says how it gets one. */
export function registryOf(object: object): BreakerRegistry {
  const its = byInstance.get(object);
  if (its !== undefined) return its;
  for (let type: unknown = object.constructor; typeof type === 'function'; type = Object.getPrototypeOf(type)) {
    const ofClass = byClass.get(type);
    if (ofClass !== undefined) return ofClass;
  }
  throw new Error(
    `${object.constructor.name} has no breakers: import CircuitBreakerModule.forRoot() in your application, or call ` +
      'bindBreakers(object, registry) in a test',
  );
}
