import { openScope } from '#platform';

/**
 * Async context of a call, such as the store of an `AsyncLocalStorage`. Code of the user runs in the context of its own call.
 * That holds also if a shared timer or another call starts it.
 */
export interface AsyncScope {
  runInAsyncScope(code: () => void): void;
}

/** Async scope outside of all calls, for what belongs to none. */
export const rootScope: AsyncScope | undefined = /* @__PURE__ */ openScope();

/** Returns the present async scope; undefined on platforms without async contexts. */
export function captureScope(): AsyncScope | undefined {
  return openScope();
}

/** Calls code in a scope, or as it is if there is none. */
export function callInScope(scope: AsyncScope | undefined, code: () => void): void {
  if (scope === undefined) code();
  else scope.runInAsyncScope(code);
}
