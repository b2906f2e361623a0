import { plugBackends } from '../backend.ts';
import { noNativeBackend } from '../backends/none.ts';
import { wasmBackend } from '../backends/wasm.ts';
import module from './fusewire.wasm';

plugBackends({ wasm: () => wasmBackend(module), native: noNativeBackend });
export * from '../index.ts';
