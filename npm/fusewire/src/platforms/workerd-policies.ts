import type { PolicyEngine } from '../engine/policy-engine.ts';
import { startPolicies } from '../engine/wasm-policies.ts';
import module from './policies.wasm';

export const loadPolicies = (): PolicyEngine => startPolicies(module);
