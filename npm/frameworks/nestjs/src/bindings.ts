import { AsyncLocalStorage } from 'node:async_hooks';
import type { BreakerRegistry } from 'fusewire';

/** Application of NestJS whose module has been created. */
export interface Application {
  readonly registry: BreakerRegistry;
  /** Whether it has been initialised. Those that failed to start, and those of some tests, never are. */
  readonly isInitialised: boolean;
  /** Whether NestJS has created the object in this application, other than for a request. */
  has(object: object): boolean;
}

const registries = new WeakMap<object, BreakerRegistry>();
const ofRequest = new AsyncLocalStorage<BreakerRegistry>();
const decorated = new WeakSet<object>();

/** Applications that are not closed, the newest first. A test that never closes its application leaves it to the collector. */
let applications: readonly WeakRef<Application>[] = [];

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
  registries.set(object, registry);
  return object;
}

/** Adds an application whose registry decorated methods can have. Returns a function that takes it out again. */
export function addApplication(application: Application): () => void {
  const added = new WeakRef(application);
  applications = [added, ...applications.filter((its) => its.deref() !== undefined)];
  return () => {
    applications = applications.filter((its) => its !== added);
  };
}

/** Runs a function with the registry of the application that handles the request. */
export function withRegistry<T>(registry: BreakerRegistry, run: () => T): T {
  return ofRequest.run(registry, run);
}

/**
 * Returns the registry of an object: the one that it is bound to, or that of the request, of the application that has created
 * the object, or of the newest application that has been initialised. Throws an error that says how the object gets one.
 */
export function registryOf(object: object): BreakerRegistry {
  const registry = registries.get(object) ?? ofRequest.getStore() ?? registryOfApplication(object);
  if (registry === undefined) {
    throw new Error(
      `${object.constructor.name} has no breakers: import CircuitBreakerModule.forRoot() in your application, or call ` +
        'bindBreakers(object, registry) in a test',
    );
  }
  bindBreakers(object, registry);
  return registry;
}

function registryOfApplication(object: object): BreakerRegistry | undefined {
  const candidates = applications.flatMap((application) => application.deref() ?? []);
  const found =
    candidates.find((application) => application.has(object)) ??
    candidates.find(({ isInitialised }) => isInitialised) ??
    candidates[0];
  return found?.registry;
}
