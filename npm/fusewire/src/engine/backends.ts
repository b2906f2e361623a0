import { loadBreakers } from '#platform';
import { createBackend } from './backend.ts';
import type { Backend, BackendKind } from './backend.ts';
import { loadOr } from './load-or.ts';
import { nativeBackend } from './native-backend.ts';
import { loadWasm } from './wasm-loader.ts';

let chosen: Backend | undefined;
const loaded: Partial<Record<BackendKind, Backend>> = {};
const collections: Partial<Record<BackendKind, FinalizationRegistry<number>>> = {};

/** Returns the backend of that kind, and loads it at its first use. */
export function backendOf(kind: BackendKind): Backend {
  return (loaded[kind] ??= kind === 'native' ? nativeBackend() : createBackend('wasm', loadWasm(loadBreakers)));
}

/** Returns the backend of breakers that choose none: WebAssembly, or an installed addon where WebAssembly cannot be loaded. */
export function defaultBackend(): Backend {
  return (chosen ??= loadOr(
    () => backendOf('wasm'),
    () => backendOf('native'),
  ));
}

/** Frees a breaker in the engine once `owner` has been garbage-collected. */
export function freeWhenCollected(owner: object, kind: BackendKind, handle: number): void {
  if (typeof FinalizationRegistry === 'undefined') return;
  const collection = (collections[kind] ??= new FinalizationRegistry((lost) => freeQuietly(kind, lost)));
  collection.register(owner, handle, owner);
}

/** Cancels {@link freeWhenCollected}. */
export function cancelFreeWhenCollected(owner: object, kind: BackendKind): void {
  collections[kind]?.unregister(owner);
}

function freeQuietly(kind: BackendKind, handle: number): void {
  try {
    const backend = loaded[kind];
    if (backend?.freeLost === undefined) backend?.free(handle);
    else backend.freeLost(handle);
  } catch {
    // The breakers of a failed engine have reported its failure.
  }
}
