import * as engine from './generated/fusewire_policies.js';
import type { PolicyEngine } from './policy-engine-loader.ts';

/** Instantiates the engine of the policies: compiled already, or from its bytes. */
export function wasmPolicyEngine(module: WebAssembly.Module | Uint8Array<ArrayBuffer>): PolicyEngine {
  engine.initSync({ module });
  return engine;
}
