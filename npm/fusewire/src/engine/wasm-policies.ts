import * as engine from './generated/fusewire_policies.js';
import type { PolicyEngine } from './load-policy-engine.ts';

/** Instantiates the engine of the policies: compiled already, or from its bytes. */
export function wasmPolicies(module: WebAssembly.Module | Uint8Array<ArrayBuffer>): PolicyEngine {
  engine.initSync({ module });
  return engine;
}
