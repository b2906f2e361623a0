import { registerBackends } from '../engine/backend.ts';
import { nativeUnavailable } from '../engine/native-unavailable.ts';
import { loadWasm } from '../engine/wasm-loader.ts';
import { wasmBackend } from '../engine/wasm-backend.ts';
import { installAsyncResources } from '../run/async-resources.ts';
import { installRequestTimers } from '../time/request-timers.ts';
import module from './fusewire.wasm';

registerBackends({ wasm: () => loadWasm(() => wasmBackend(module)), native: nativeUnavailable });
installRequestTimers();
installAsyncResources(() => globalThis.process?.getBuiltinModule?.('node:async_hooks'));
export * from '../index.ts';
