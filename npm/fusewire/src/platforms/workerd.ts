import { wasmPolicies } from '../backends/wasm-policies.ts';
import type { PolicyEngine } from '../policies/engine.ts';
import module from './policies.wasm';

export const loadPolicies = (): PolicyEngine => wasmPolicies(module);
