import type { PolicyEngine } from '../policies/engine.ts';

/** The engine of the policies is a module of its own, read when the first policy that needs it is made. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
export const loadPolicies = (): PolicyEngine => require('./policies.cjs').load();
