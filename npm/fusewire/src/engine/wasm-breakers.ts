import type { Binding } from './backend.ts';
import * as engine from './generated/fusewire_wasm.js';

/** Starts the engine of the breakers from a compiled module or from bytes. It works synchronously, so that no `init` is needed. */
export function startBreakers(module: WebAssembly.Module | Uint8Array<ArrayBuffer>): Binding {
  engine.initSync({ module });
  return engine;
}
