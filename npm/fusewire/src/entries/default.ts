import { plugBackends } from '../engine/backend.ts';
import { bytesOf } from '../engine/bytes.ts';
import { noNativeBackend } from '../engine/no-native.ts';
import { wasmBackend } from '../engine/wasm.ts';
import base64 from '../engine/generated/fusewire_wasm_bg.base64';

plugBackends({ wasm: () => wasmBackend(bytesOf(base64)), native: noNativeBackend });
export * from '../index.ts';
