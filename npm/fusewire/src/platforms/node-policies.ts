import type { PolicyEngine } from '../engine/policy-engine.ts';

/** Loads the engine of the policies at its first use, as `node.ts` does that of the breakers. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
export const loadPolicies = (): PolicyEngine => require('./node-policies-engine.cjs').load();
