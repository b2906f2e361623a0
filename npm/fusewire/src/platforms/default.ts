import type { DiagnosticsHook } from '../doctor/diagnostics-hook.ts';
import type { BackendLoaders } from '../engine/backend.ts';
import { decodeBase64 } from '../engine/base64.ts';
import breakers from '../engine/generated/fusewire_wasm_bg.base64';
import { nativeUnavailable } from '../engine/native-unavailable.ts';
import { wasmBackend } from '../engine/wasm-backend.ts';
import { loadWasm } from '../engine/wasm-loader.ts';
import type { AsyncScope } from '../run/async-scope.ts';
import type { RequestTimers } from '../time/request-timers.ts';

export const backendLoaders: BackendLoaders = {
  wasm: () => loadWasm(() => wasmBackend(decodeBase64(breakers))),
  native: nativeUnavailable,
};

/** Returns undefined: there are no async contexts. */
export const openScope = (): AsyncScope | undefined => undefined;

/** Undefined: timers are shared, and outlive the call that has set them. */
export const requestTimers: RequestTimers | undefined = undefined;

/** Undefined: development warnings exist on Node only, where programs are developed. */
export const loadWarnings: (() => DiagnosticsHook) | undefined = undefined;
