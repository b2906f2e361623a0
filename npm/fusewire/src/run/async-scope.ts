/**
 * Async context of a call, such as the store of an `AsyncLocalStorage`. Code of the user runs in the context of its own call,
 * also if a shared timer or another call starts it.
 */
export interface AsyncScope {
  runInAsyncScope(code: () => void): void;
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

/** Calls code in a scope, or as it is if there is none. */
export function callInScope(scope: AsyncScope | undefined, code: () => void): void {
  if (scope === undefined) code();
  else scope.runInAsyncScope(code);
}
