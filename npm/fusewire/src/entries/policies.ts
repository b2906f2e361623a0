import { wasmPolicyEngine } from '../engine/wasm-policy-engine.ts';
import base64 from '../engine/generated/fusewire_policies_bg.base64';

/** Loads the engine of the policies for `platforms/node.ts`. */
export const load = () => wasmPolicyEngine(Buffer.from(base64, 'base64'));
