import { wasmPolicies } from '../engine/wasm-policies.ts';
import base64 from '../engine/generated/fusewire_policies_bg.base64';

/** What `platforms/node.ts` loads. */
export const load = () => wasmPolicies(Buffer.from(base64, 'base64'));
