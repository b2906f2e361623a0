import { plugBackends } from '../backend.ts';
import { noNativeBackend } from '../backends/none.ts';
import { ofThisRealm } from '../backends/realm.ts';
import { wasmBackend } from '../backends/wasm.ts';
import { plugRequestTimers } from '../request-timers.ts';
import module from './fusewire.wasm?module';

plugBackends({ wasm: () => wasmBackend(ofThisRealm(module)), native: noNativeBackend });
plugRequestTimers();
export * from '../index.ts';
