import { decodeBrotli } from '../engine/brotli.ts';
import { wasmPolicyEngine } from '../engine/wasm-policy-engine.ts';
import base64 from '../engine/generated/fusewire_policies_bg.brotli';

/** Loads the engine of the policies for `platforms/node.ts`. */
export const load = () => wasmPolicyEngine(decodeBrotli(base64));
