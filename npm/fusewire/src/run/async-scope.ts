/**
 * Async context of a call, such as the store of an `AsyncLocalStorage`. Code of the user runs in the context of its own call,
 * also if a shared timer or another call starts it.
 */
export interface AsyncScope {
  runInAsyncScope<This, Arguments extends unknown[], Result>(
    code: (this: This, ...args: Arguments) => Result,
    thisArg: This,
    ...args: Arguments
  ): Result;
}

let create: (() => AsyncScope | undefined) | undefined;

/** Async scope outside of all calls, for what belongs to none. */
export let rootScope: AsyncScope | undefined;

/** Installs async scopes, for the entry of a platform that has async contexts. */
export function installAsyncScopes(factory: () => AsyncScope | undefined): void {
  create = factory;
  rootScope = factory();
}

/** Returns the present async scope; undefined on platforms without async contexts. */
export function captureScope(): AsyncScope | undefined {
  return create?.();
}

/** Calls a method in a scope, or as it is if there is none. */
export function callInScope<This>(scope: AsyncScope | undefined, code: (this: This) => void, thisArg: This): void {
  if (scope === undefined) code.call(thisArg);
  else scope.runInAsyncScope(code, thisArg);
}
