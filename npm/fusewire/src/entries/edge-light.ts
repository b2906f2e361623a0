import { plugBackends } from '../backend.ts';
import { noNativeBackend } from '../backends/none.ts';
import { wasmBackend } from '../backends/wasm.ts';
import { plugRequestTimers } from '../request-timers.ts';
import module from './fusewire.wasm?module';

plugBackends({ wasm: () => wasmBackend(ofThisRealm(module)), native: noNativeBackend });
plugRequestTimers();
export * from '../index.ts';

/** Next.js compiles the module outside the realm of its edge routes, where it would not be known for a module. */
function ofThisRealm(compiled: WebAssembly.Module): WebAssembly.Module {
  return Object.setPrototypeOf(compiled, WebAssembly.Module.prototype);
}
