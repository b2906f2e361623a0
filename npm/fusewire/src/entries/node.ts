import { plugBackends } from '../backend.ts';
import { nativeBackend } from '../backends/native.ts';
import { wasmBackend } from '../backends/wasm.ts';
import bytes from '../generated/fusewire_wasm_bg.base64';

plugBackends({ wasm: () => wasmBackend(Buffer.from(bytes, 'base64')), native: nativeBackend });
export * from '../index.ts';
