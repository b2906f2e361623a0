import { registerBackends } from '../engine/backend.ts';
import { nativeUnavailable } from '../engine/native-unavailable.ts';
import { wasmBackend } from '../engine/wasm-backend.ts';
import { installRequestTimers } from '../time/request-timers.ts';
import module from './fusewire.wasm';

registerBackends({ wasm: () => wasmBackend(module), native: nativeUnavailable });
installRequestTimers();
export * from '../index.ts';
