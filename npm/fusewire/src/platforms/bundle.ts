import type { DiagnosticsHook } from '../doctor/diagnostics-hook.ts';
import type { BackendLoaders } from '../engine/backend.ts';
import { decodeBase64 } from '../engine/base64.ts';
import breakers from '../engine/generated/fusewire_wasm_bg.base64';
import policies from '../engine/generated/fusewire_policies_bg.base64';
import { loadOr } from '../engine/load-or.ts';
import { nativeBackend, nativePolicyEngine } from '../engine/native-backend.ts';
import type { PolicyEngine } from '../engine/policy-engine.ts';
import { wasmBackend } from '../engine/wasm-backend.ts';
import { loadWasm } from '../engine/wasm-loader.ts';
import { wasmPolicyEngine } from '../engine/wasm-policy-engine.ts';
import { asyncResources } from '../run/async-resources.ts';
import type { AsyncScope } from '../run/async-scope.ts';
import type { RequestTimers } from '../time/request-timers.ts';

// Node, in the bundle of a program, which has no files beside it.

export const backendLoaders: BackendLoaders = {
  wasm: () => loadWasm(() => wasmBackend(decodeBase64(breakers))),
  native: nativeBackend,
};

/** Loads the engine of the policies. Without WebAssembly the addon takes over, which has the same functions. */
export const loadPolicyEngine = (): PolicyEngine =>
  loadOr(() => loadWasm(() => wasmPolicyEngine(decodeBase64(policies))), nativePolicyEngine);

export const openScope: () => AsyncScope | undefined = /* @__PURE__ */ asyncResources(() =>
  process.getBuiltinModule?.('node:async_hooks'),
);

/** Undefined: timers are shared, and outlive the call that has set them. */
export const requestTimers: RequestTimers | undefined = undefined;

/** Undefined: a bundle for production weighs less without them. The condition `development` picks `bundle-development.ts`. */
export const loadWarnings: (() => DiagnosticsHook) | undefined = undefined;
