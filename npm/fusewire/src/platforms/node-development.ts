import type { DiagnosticsHook } from '../doctor/diagnostics-hook.ts';
/* eslint-disable @typescript-eslint/no-require-imports */

// Node, in the bundle of a program under development.
export const { loadAddon, loadBreakers, openScope, timersEndWithRequests } =
  require('./node.cjs') as typeof import('./node.ts');

/** Creates the development warnings. */
export const loadWarnings = (): DiagnosticsHook => require('../warnings.cjs').create();
