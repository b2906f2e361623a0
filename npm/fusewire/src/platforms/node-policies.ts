import { loadOr } from '../engine/load-or.ts';
import { nativePolicyEngine } from '../engine/native-backend.ts';
import type { PolicyEngine } from '../engine/policy-engine.ts';
import { loadWasm } from '../engine/wasm-loader.ts';

/** Loads the engine of the policies. Without WebAssembly the addon takes over, which has the same functions. */
export const loadPolicyEngine = (): PolicyEngine =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  loadOr(() => loadWasm(() => require('./policies.cjs').load()), nativePolicyEngine);
