import * as engine from './generated/fusewire_policies.js';
import type { PolicyEngine } from './policy-engine.ts';

/** Creates the engine of the policies from a compiled module or from bytes. */
export function wasmPolicyEngine(module: WebAssembly.Module | Uint8Array<ArrayBuffer>): PolicyEngine {
  engine.initSync({ module });
  return engine;
}
