import { decodeBrotli } from '../engine/brotli.ts';
import { wasmBackend } from '../engine/wasm-backend.ts';
import bytes from '../engine/generated/fusewire_wasm_bg.brotli';

/** Loads the engine for `entries/node.ts`. It is a file of its own, read when the first breaker is created, for a fast import. */
export const load = () => wasmBackend(decodeBrotli(bytes));
