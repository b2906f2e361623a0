import type { PolicyEngine } from '../policy-engine-loader.ts';
import type { DiagnosticsHook } from '../../doctor/diagnostics-hook.ts';

/** The engine of the policies is a module of its own, read when the first policy that needs it is made. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
export const loadPolicyEngine = (): PolicyEngine => require('./policies.cjs').load();

/** What warns in development is a module of its own as well, read when the first breaker is made. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
export const loadWarnings: (() => DiagnosticsHook) | undefined = () => require('./warnings.cjs').load();
