import * as engine from './generated/fusewire_policies.js';
import type { PolicyEngine } from './policy-engine.ts';

/** Starts the engine of the policies from a compiled module or from bytes. */
export function startPolicies(module: WebAssembly.Module | Uint8Array<ArrayBuffer>): PolicyEngine {
  engine.initSync({ module });
  return engine;
}
