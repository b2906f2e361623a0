import { plugBackends } from '../engine/backend.ts';
import { noNativeBackend } from '../engine/no-native.ts';
import { wasmBackend } from '../engine/wasm.ts';
import { plugRequestTimers } from '../time/request-timers.ts';
import module from './fusewire.wasm';

plugBackends({ wasm: () => wasmBackend(module), native: noNativeBackend });
plugRequestTimers();
export * from '../index.ts';
