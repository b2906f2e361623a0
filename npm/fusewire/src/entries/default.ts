import { plugBackends } from '../backend.ts';
import { noNativeBackend } from '../backends/none.ts';
import { wasmBackend } from '../backends/wasm.ts';
import bytes from '../generated/fusewire_wasm_bg.base64';

plugBackends({
  wasm: () => wasmBackend(Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0))),
  native: noNativeBackend,
});
export * from '../index.ts';
