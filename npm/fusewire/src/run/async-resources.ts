import type { AsyncScope } from './async-scope.ts';

/** Class `AsyncResource` of Node, which Deno, Bun and Cloudflare Workers have, too. */
type AsyncResourceClass = new (type: string, options: { readonly requireManualDestroy: boolean }) => AsyncScope;

interface AsyncHooks {
  readonly AsyncResource?: AsyncResourceClass | undefined;
}

/**
 * Returns a function that returns the present async scope, by the module `node:async_hooks`, which is loaded at the first
 * use. Without it there are no scopes.
 */
export function asyncResources(load: () => AsyncHooks | undefined): () => AsyncScope | undefined {
  let hooks: AsyncHooks | undefined;
  return () => {
    hooks ??= hooksOf(load);
    // Nothing listens to the end of a scope, so that the garbage collector need not report it.
    return hooks.AsyncResource && new hooks.AsyncResource('fusewire', { requireManualDestroy: true });
  };
}

/** Returns what `load` loads. A bundle of ES modules on an old Node cannot load it. */
function hooksOf(load: () => AsyncHooks | undefined): AsyncHooks {
  try {
    return load() ?? {};
  } catch {
    return {};
  }
}

interface Snapshots {
  readonly AsyncLocalStorage?: { readonly snapshot?: (() => (code: () => void) => void) | undefined } | undefined;
}

/** Returns the present async scope by the global `AsyncLocalStorage`, if the platform has it. */
export function asyncSnapshot(): AsyncScope | undefined {
  const runInAsyncScope = (globalThis as Snapshots).AsyncLocalStorage?.snapshot?.();
  return runInAsyncScope && { runInAsyncScope };
}
