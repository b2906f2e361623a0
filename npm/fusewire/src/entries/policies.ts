import { wasmPolicyEngine } from '../engine/wasm-policy-engine.ts';
import base64 from '../engine/generated/fusewire_policies_bg.base64';

/** What `platforms/node.ts` loads. */
export const load = () => wasmPolicyEngine(Buffer.from(base64, 'base64'));
