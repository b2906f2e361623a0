import { DevelopmentWarnings } from '../doctor/development-warnings.ts';
import type { DiagnosticsHook } from '../doctor/diagnostics-hook.ts';

// Node, in the bundle of a program under development.
export { backendLoaders, openScope, requestTimers } from './bundle.ts';

/** Creates the development warnings. */
export const loadWarnings: (() => DiagnosticsHook) | undefined = () => new DevelopmentWarnings();
