import 'reflect-metadata';
import type { CircuitBreakerOptions, BreakerRegistry, CircuitBreaker as Breaker } from 'fusewire';
import { catchError, defer, from, isObservable, Observable } from 'rxjs';
import { markDecorated, registryOf } from './bindings.ts';
import { protectObservable } from './observable.ts';
import { callSignal, withSignal } from './request-signal.ts';

/** Options of {@link CircuitBreaker}: those of the breaker, if nobody has created it before. */
export interface BreakerMethodOptions extends Omit<CircuitBreakerOptions, 'name'> {
  /** Whether the method returns an Observable. Default: whether its declared type is one, if the compiler emits types. */
  readonly observable?: boolean | undefined;
}

/** Pipeline, breaker or policy around a method, or a function that creates one for the registry of the application. */
export interface MethodPipeline {
  execute<T>(
    work: (context: { readonly signal: AbortSignal }) => T,
    options?: { signal?: AbortSignal },
  ): Promise<Awaited<T>>;
}

/** Answer in place of a failed call: a method of the class by its name, or a function. Its arguments follow the error. */
export type FallbackHandler = string | ((error: unknown, ...args: never[]) => unknown);

type Method = (this: object, ...args: unknown[]) => unknown;

/** Parts around a method. Their order in the source does not matter: the fallback is outside. */
interface Protection {
  around?: (its: object, call: () => unknown, isObservableMethod: boolean) => unknown;
  fallback?: (its: object, error: unknown, args: unknown[]) => unknown;
  observable?: boolean | undefined;
}

const protections = new WeakMap<Method, Protection>();

/**
 * Puts the breaker called `name` around a method. The method returns a promise, or an Observable. {@link callSignal} is the signal
 * of its call. Objects that are created for each request share the breaker.
 */
export function CircuitBreaker(name: string, options: BreakerMethodOptions = {}): MethodDecorator {
  const { observable, ...breakerOptions } = options;
  const given = Object.keys(breakerOptions).length > 0 ? breakerOptions : undefined;
  const breakerOf = (its: object): Breaker => {
    const registry = registryOf(its);
    return registry.get(name) ?? registry.for(name, given);
  };
  return protect((protection) => {
    protection.observable = observable;
    protection.around = (its, call, isObservableMethod) => {
      if (!isObservableMethod) return execute(breakerOf(its), call);
      const signal = callSignal();
      const create = (context: { readonly signal: AbortSignal }) =>
        withSignal(context.signal, () => call() as Observable<unknown>);
      return defer(() => protectObservable(breakerOf(its), create, signal && { signal }));
    };
  });
}

/** Puts a pipeline around a method that returns a promise: one for all, or that of a function, created once for each registry. */
export function Protected(pipeline: MethodPipeline | ((registry: BreakerRegistry) => MethodPipeline)): MethodDecorator {
  const made = new WeakMap<BreakerRegistry, MethodPipeline>();
  const pipelineOf = (its: object): MethodPipeline => {
    if (typeof pipeline !== 'function') return pipeline;
    const registry = registryOf(its);
    const known = made.get(registry) ?? pipeline(registry);
    made.set(registry, known);
    return known;
  };
  return protect((protection) => {
    protection.around = (its, call) => execute(pipelineOf(its), call);
  });
}

/** Answers in place of a call that fails or is rejected. `this` of the handler is that of the method. */
export function Fallback(handler: FallbackHandler): MethodDecorator {
  return protect((protection) => {
    protection.fallback = (its, error, args) => {
      const answer = typeof handler === 'string' ? (its as Record<string, unknown>)[handler] : handler;
      if (typeof answer !== 'function') {
        throw new TypeError(`@Fallback: ${its.constructor.name} has no method ${String(handler)}`);
      }
      return (answer as Method).call(its, error, ...args);
    };
  });
}

function execute(pipeline: MethodPipeline, call: () => unknown): Promise<unknown> {
  const signal = callSignal();
  const work = (context: { readonly signal: AbortSignal }) => withSignal(context.signal, call);
  return signal === undefined ? pipeline.execute(work) : pipeline.execute(work, { signal });
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

/** Returns a decorator that adds a part to the protection of a method, which wraps the method once. */
function protect(add: (protection: Protection) => void): MethodDecorator {
  return (target, key, descriptor: PropertyDescriptor | undefined) => {
    const method: unknown = descriptor?.value;
    if (descriptor === undefined || !isMethod(method)) throw new TypeError(`${String(key)} is no method`);
    const known = protections.get(method);
    const protection = known ?? {};
    add(protection);
    if (known !== undefined) return;
    const type: unknown = Reflect.getMetadata('design:returntype', target, key);
    const isDeclared = typeof type === 'function' && (type === Observable || type.prototype instanceof Observable);
    const wrapped = wrap(method, protection, isDeclared);
    for (const name of Reflect.getOwnMetadataKeys(method)) {
      Reflect.defineMetadata(name, Reflect.getOwnMetadata(name, method), wrapped);
    }
    Object.defineProperty(wrapped, 'name', { value: String(key), configurable: true });
    Object.defineProperty(wrapped, 'length', { value: method.length, configurable: true });
    protections.set(wrapped, protection);
    markDecorated(target);
    descriptor.value = wrapped;
  };
}

function wrap(method: Method, protection: Protection, isDeclaredObservable: boolean): Method {
  return function (...args) {
    const { around = unprotected, fallback, observable = isDeclaredObservable } = protection;
    const result = around(this, () => method.apply(this, args), observable);
    if (fallback === undefined) return result;
    if (isObservable(result)) return result.pipe(catchError((error: unknown) => answer(fallback(this, error, args))));
    return (result as Promise<unknown>).catch((error: unknown) => fallback(this, error, args));
  };
}

/** Calls a method that has only a fallback. What it throws is the error of its promise or its Observable. */
function unprotected(_its: object, call: () => unknown, isObservableMethod: boolean): unknown {
  return isObservableMethod ? defer(() => call() as Observable<unknown>) : (async () => call())();
}

function answer(value: unknown): Observable<unknown> {
  return isObservable(value) ? value : from(Promise.resolve(value));
}
