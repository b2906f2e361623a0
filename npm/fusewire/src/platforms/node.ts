import type { DiagnosticsHook } from '../doctor/diagnostics-hook.ts';
import type { BackendLoaders } from '../engine/backend.ts';
import { nativeBackend } from '../engine/native-backend.ts';
import { loadWasm } from '../engine/wasm-loader.ts';
import { asyncResources } from '../run/async-resources.ts';
import type { AsyncScope } from '../run/async-scope.ts';
import type { RequestTimers } from '../time/request-timers.ts';

// Node, without a bundler. The engines and the warnings are files of their own, read at the first use, for a fast import.
/* eslint-disable @typescript-eslint/no-require-imports */

export const backendLoaders: BackendLoaders = {
  wasm: () => loadWasm(() => require('./engine.cjs').load()),
  native: nativeBackend,
};

export const openScope: () => AsyncScope | undefined = asyncResources(
  () => process.getBuiltinModule?.('node:async_hooks') ?? require('node:async_hooks'),
);

/** Undefined: timers are shared, and outlive the call that has set them. */
export const requestTimers: RequestTimers | undefined = undefined;

/** Loads the development warnings. */
export const loadWarnings: (() => DiagnosticsHook) | undefined = () => require('./warnings.cjs').load();
