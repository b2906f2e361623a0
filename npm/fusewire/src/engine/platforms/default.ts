import { decodeBase64 } from '../base64.ts';
import { loadWasm } from '../wasm-loader.ts';
import { wasmPolicyEngine } from '../wasm-policy-engine.ts';
import base64 from '../generated/fusewire_policies_bg.base64';
import type { PolicyEngine } from '../policy-engine-loader.ts';
import type { DiagnosticsHook } from '../../doctor/diagnostics-hook.ts';

/** Loads the engine from inlined bytes, which bundlers drop if no policy is used. */
export const loadPolicyEngine = (): PolicyEngine => loadWasm(() => wasmPolicyEngine(decodeBase64(base64)));

/** Undefined: development warnings exist on Node only, where programs are developed. */
export const loadWarnings: (() => DiagnosticsHook) | undefined = undefined;
