import { registerBackends } from '../engine/backend.ts';
import { nativeUnavailable } from '../engine/native-unavailable.ts';
import { adoptModule } from '../engine/module-realm.ts';
import { loadWasm } from '../engine/wasm-loader.ts';
import { wasmBackend } from '../engine/wasm-backend.ts';
import { installSnapshots } from '../run/async-resources.ts';
import { installRequestTimers } from '../time/request-timers.ts';
import module from './fusewire.wasm?module';

registerBackends({ wasm: () => loadWasm(() => wasmBackend(adoptModule(module))), native: nativeUnavailable });
installRequestTimers();
installSnapshots();
export * from '../index.ts';
