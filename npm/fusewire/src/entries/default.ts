import { plugBackends } from '../backend.ts';
import { bytesOf } from '../backends/bytes.ts';
import { noNativeBackend } from '../backends/none.ts';
import { wasmBackend } from '../backends/wasm.ts';
import base64 from '../generated/fusewire_wasm_bg.base64';

plugBackends({ wasm: () => wasmBackend(bytesOf(base64)), native: noNativeBackend });
export * from '../index.ts';
