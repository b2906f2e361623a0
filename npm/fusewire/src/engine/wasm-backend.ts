import { createBackend } from './backend.ts';
import type { Backend } from './backend.ts';
import * as engine from './generated/fusewire_wasm.js';

/** Instantiates the engine: compiled already, or from its bytes. At once, for there is no `init` to wait for. */
export function wasmBackend(module: WebAssembly.Module | Uint8Array<ArrayBuffer>): Backend {
  engine.initSync({ module });
  return createBackend('wasm', engine);
}
