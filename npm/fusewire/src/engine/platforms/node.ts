import type { PolicyEngine } from '../policy-engine-loader.ts';
import type { DiagnosticsHook } from '../../doctor/diagnostics-hook.ts';

/** Loads the engine of the policies from a file of its own, which is read when the first policy needs it. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
export const loadPolicyEngine = (): PolicyEngine => require('./policies.cjs').load();

/** Loads the development warnings from a file of its own, which is read when the first breaker is created. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
export const loadWarnings: (() => DiagnosticsHook) | undefined = () => require('./warnings.cjs').load();
