import type { DiagnosticsHook } from '../doctor/diagnostics-hook.ts';
import type { BackendLoaders } from '../engine/backend.ts';
import { nativeUnavailable } from '../engine/native-unavailable.ts';
import { wasmBackend } from '../engine/wasm-backend.ts';
import { loadWasm } from '../engine/wasm-loader.ts';
import { asyncResources } from '../run/async-resources.ts';
import type { AsyncScope } from '../run/async-scope.ts';
import { createRequestTimers } from '../time/request-timers.ts';
import type { RequestTimers } from '../time/request-timers.ts';
import breakers from './fusewire.wasm';

export const backendLoaders: BackendLoaders = {
  wasm: () => loadWasm(() => wasmBackend(breakers)),
  native: nativeUnavailable,
};

export const openScope: () => AsyncScope | undefined = /* @__PURE__ */ asyncResources(() =>
  globalThis.process?.getBuiltinModule?.('node:async_hooks'),
);

export const requestTimers: RequestTimers | undefined = /* @__PURE__ */ createRequestTimers();

/** Undefined: development warnings exist on Node only, where programs are developed. */
export const loadWarnings: (() => DiagnosticsHook) | undefined = undefined;
