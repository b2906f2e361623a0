import type { FallbackContext } from '../fallback-context.ts';

/** Message whose operation runs. */
interface RunningOperation {
  readonly strategy: object;
  readonly key: string;
}

/** Part of `AsyncLocalStorage` that is used. */
interface Storage {
  run(value: RunningOperation, work: () => unknown): unknown;
  getStore(): RunningOperation | undefined;
}

type StorageClass = new () => Storage;

interface Globals {
  readonly AsyncLocalStorage?: StorageClass;
  readonly process?: {
    readonly getBuiltinModule?: (name: string) => { readonly AsyncLocalStorage?: StorageClass } | undefined;
  };
}

let storage: Storage | null | undefined;
/** Operations by the signals that they were given, for runtimes without async contexts. */
const bySignal = new WeakMap<AbortSignal, RunningOperation>();

/** Runs an operation so that calls which it makes are recognised by {@link isOwnOperation}. */
export function runAsOwn(operation: RunningOperation, signal: AbortSignal, work: () => unknown): unknown {
  bySignal.set(signal, operation);
  storage ??= openStorage();
  return storage === null ? work() : storage.run(operation, work);
}

/**
 * Whether the operation of a message has made this call, with the same key. It must not be put off again: the operation would
 * take the receipt for a success. Without async contexts, a call is recognised if it was given the signal of the operation.
 */
export function isOwnOperation(strategy: object, key: string, { call }: FallbackContext): boolean {
  const signal = call.options?.signal;
  return [storage?.getStore(), signal && bySignal.get(signal)].some(
    (operation) => operation?.strategy === strategy && operation.key === key,
  );
}

function openStorage(): Storage | null {
  try {
    const { AsyncLocalStorage, process } = globalThis as unknown as Globals;
    const Class = AsyncLocalStorage ?? process?.getBuiltinModule?.('node:async_hooks')?.AsyncLocalStorage;
    return Class === undefined ? null : new Class();
  } catch {
    return null;
  }
}
