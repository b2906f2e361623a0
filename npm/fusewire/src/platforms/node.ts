import type { DiagnosticsHook } from '../doctor/diagnostics-hook.ts';
import { requireOwn } from '../engine/addon-loader.ts';
import type { Binding } from '../engine/backend.ts';
import { asyncResources } from '../run/async-resources.ts';
import type { AsyncScope } from '../run/async-scope.ts';

// Node. This module is CommonJS, as only that can be imported by all modules and still read a file at its first use, as a fast
// import needs. Bundlers follow `require`, too.
/* eslint-disable @typescript-eslint/no-require-imports */

export const loadBreakers = (): Binding => require('./node-breakers.cjs').load();

export { loadAddon } from '../engine/addon-loader.ts';

export const openScope: () => AsyncScope | undefined = asyncResources(
  () => process.getBuiltinModule?.('node:async_hooks') ?? require('node:async_hooks'),
);

export const timersEndWithRequests = false;

/** Loads the development warnings, which bundles lack: the condition `development` picks `node-development.ts` for those. */
export const loadWarnings = (): DiagnosticsHook | undefined => warnings()?.create();

function warnings(): typeof import('../entries/warnings.ts') | undefined {
  return requireOwn('../warnings.cjs') as typeof import('../entries/warnings.ts') | undefined;
}
