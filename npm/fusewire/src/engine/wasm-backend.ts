import { createBackend } from './backend.ts';
import type { Backend } from './backend.ts';
import * as engine from './generated/fusewire_wasm.js';

/** Creates the backend from a compiled module or from bytes. It works synchronously, so that no `init` is needed. */
export function wasmBackend(module: WebAssembly.Module | Uint8Array<ArrayBuffer>): Backend {
  engine.initSync({ module });
  return createBackend('wasm', engine);
}
