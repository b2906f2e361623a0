import type { DiagnosticsHook } from '../doctor/diagnostics-hook.ts';
import type { BackendLoaders } from '../engine/backend.ts';
import { adoptModule } from '../engine/module-realm.ts';
import { nativeUnavailable } from '../engine/native-unavailable.ts';
import { wasmBackend } from '../engine/wasm-backend.ts';
import { loadWasm } from '../engine/wasm-loader.ts';
import { asyncSnapshot } from '../run/async-resources.ts';
import { createRequestTimers } from '../time/request-timers.ts';
import type { RequestTimers } from '../time/request-timers.ts';
import breakers from './fusewire.wasm?module';

export const backendLoaders: BackendLoaders = {
  wasm: () => loadWasm(() => wasmBackend(adoptModule(breakers))),
  native: nativeUnavailable,
};

export const openScope = asyncSnapshot;

export const requestTimers: RequestTimers | undefined = /* @__PURE__ */ createRequestTimers();

/** Undefined: development warnings exist on Node only, where programs are developed. */
export const loadWarnings: (() => DiagnosticsHook) | undefined = undefined;
