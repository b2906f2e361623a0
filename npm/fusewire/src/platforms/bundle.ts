import type { DiagnosticsHook } from '../doctor/diagnostics-hook.ts';
import type { BackendLoaders } from '../engine/backend.ts';
import { decodeBrotli } from '../engine/brotli.ts';
import breakers from '../engine/generated/fusewire_wasm_bg.brotli';
import { nativeBackend } from '../engine/native-backend.ts';
import { wasmBackend } from '../engine/wasm-backend.ts';
import { loadWasm } from '../engine/wasm-loader.ts';
import { asyncResources } from '../run/async-resources.ts';
import type { AsyncScope } from '../run/async-scope.ts';
import type { RequestTimers } from '../time/request-timers.ts';

// Node, in the bundle of a program, which has no files beside it.

export const backendLoaders: BackendLoaders = {
  wasm: () => loadWasm(() => wasmBackend(decodeBrotli(breakers))),
  native: nativeBackend,
};

export const openScope: () => AsyncScope | undefined = /* @__PURE__ */ asyncResources(() =>
  process.getBuiltinModule?.('node:async_hooks'),
);

/** Undefined: timers are shared, and outlive the call that has set them. */
export const requestTimers: RequestTimers | undefined = undefined;

/** Undefined: a bundle for production weighs less without them. The condition `development` picks `bundle-development.ts`. */
export const loadWarnings: (() => DiagnosticsHook) | undefined = undefined;
