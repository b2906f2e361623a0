import { registerBackends } from '../engine/backend.ts';
import { decodeBase64 } from '../engine/base64.ts';
import { nativeUnavailable } from '../engine/native-unavailable.ts';
import { loadWasm } from '../engine/wasm-loader.ts';
import { wasmBackend } from '../engine/wasm-backend.ts';
import base64 from '../engine/generated/fusewire_wasm_bg.base64';

registerBackends({ wasm: () => loadWasm(() => wasmBackend(decodeBase64(base64))), native: nativeUnavailable });
export * from '../index.ts';
