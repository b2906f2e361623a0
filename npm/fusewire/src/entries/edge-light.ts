import { plugBackends } from '../engine/backend.ts';
import { noNativeBackend } from '../engine/no-native.ts';
import { ofThisRealm } from '../engine/realm.ts';
import { wasmBackend } from '../engine/wasm.ts';
import { plugRequestTimers } from '../time/request-timers.ts';
import module from './fusewire.wasm?module';

plugBackends({ wasm: () => wasmBackend(ofThisRealm(module)), native: noNativeBackend });
plugRequestTimers();
export * from '../index.ts';
