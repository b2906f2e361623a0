import { wasmPolicies } from '../backends/wasm-policies.ts';
import { ofThisRealm } from '../backends/realm.ts';
import type { PolicyEngine } from '../policies/engine.ts';
import module from './policies.wasm?module';

export const loadPolicies = (): PolicyEngine => wasmPolicies(ofThisRealm(module));
