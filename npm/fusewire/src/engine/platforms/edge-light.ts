import { loadWasm } from '../wasm-loader.ts';
import { wasmPolicyEngine } from '../wasm-policy-engine.ts';
import { adoptModule } from '../module-realm.ts';
import type { PolicyEngine } from '../policy-engine-loader.ts';
import module from './policies.wasm?module';
import type { DiagnosticsHook } from '../../doctor/diagnostics-hook.ts';

export const loadPolicyEngine = (): PolicyEngine => loadWasm(() => wasmPolicyEngine(adoptModule(module)));

/** Undefined: development warnings exist on Node only, where programs are developed. */
export const loadWarnings: (() => DiagnosticsHook) | undefined = undefined;
