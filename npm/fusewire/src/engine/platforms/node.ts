import { loadOr } from '../backend.ts';
import { nativePolicyEngine } from '../native-backend.ts';
import { loadWasm } from '../wasm-loader.ts';
import type { PolicyEngine } from '../policy-engine-loader.ts';
import type { DiagnosticsHook } from '../../doctor/diagnostics-hook.ts';

/**
 * Loads the engine of the policies from a file of its own, which is read when the first policy needs it. Without WebAssembly
 * the addon takes over, which has the same functions.
 */
export const loadPolicyEngine = (): PolicyEngine =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  loadOr(() => loadWasm(() => require('./policies.cjs').load()), nativePolicyEngine);

/** Loads the development warnings from a file of its own, which is read when the first breaker is created. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
export const loadWarnings: (() => DiagnosticsHook) | undefined = () => require('./warnings.cjs').load();
