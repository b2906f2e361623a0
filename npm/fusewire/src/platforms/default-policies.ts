import { decodeBase64 } from '../engine/base64.ts';
import bytes from '../engine/generated/fusewire_policies_bg.base64';
import type { PolicyEngine } from '../engine/policy-engine.ts';
import { loadWasm } from '../engine/wasm-loader.ts';
import { wasmPolicyEngine } from '../engine/wasm-policy-engine.ts';

export const loadPolicyEngine = (): PolicyEngine => loadWasm(() => wasmPolicyEngine(decodeBase64(bytes)));
