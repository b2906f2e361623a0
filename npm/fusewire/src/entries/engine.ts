import { wasmBackend } from '../engine/wasm-backend.ts';
import bytes from '../engine/generated/fusewire_wasm_bg.base64';

/** The engine of Node's entry. It is a module of its own, read when the first breaker is made: importing is faster so. */
export const load = () => wasmBackend(Buffer.from(bytes, 'base64'));
