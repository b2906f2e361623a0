import { adoptModule } from '../engine/module-realm.ts';
import type { PolicyEngine } from '../engine/policy-engine.ts';
import { loadWasm } from '../engine/wasm-loader.ts';
import { wasmPolicyEngine } from '../engine/wasm-policy-engine.ts';
import module from './policies.wasm?module';

export const loadPolicyEngine = (): PolicyEngine => loadWasm(() => wasmPolicyEngine(adoptModule(module)));
