import { plugBackends } from '../backend.ts';
import { noNativeBackend } from '../backends/none.ts';
import { wasmBackend } from '../backends/wasm.ts';
import { plugRequestTimers } from '../request-timers.ts';
import module from './fusewire.wasm';

plugBackends({ wasm: () => wasmBackend(module), native: noNativeBackend });
plugRequestTimers();
export * from '../index.ts';
