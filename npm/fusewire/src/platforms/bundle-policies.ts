import { decodeBrotli } from '../engine/brotli.ts';
import bytes from '../engine/generated/fusewire_policies_bg.brotli';
import { loadOr } from '../engine/load-or.ts';
import { nativePolicyEngine } from '../engine/native-backend.ts';
import type { PolicyEngine } from '../engine/policy-engine.ts';
import { loadWasm } from '../engine/wasm-loader.ts';
import { wasmPolicyEngine } from '../engine/wasm-policy-engine.ts';

/** Loads the engine of the policies. Without WebAssembly the addon takes over, which has the same functions. */
export const loadPolicyEngine = (): PolicyEngine =>
  loadOr(() => loadWasm(() => wasmPolicyEngine(decodeBrotli(bytes))), nativePolicyEngine);
