import { adoptModule } from '../engine/module-realm.ts';
import type { PolicyEngine } from '../engine/policy-engine.ts';
import { startPolicies } from '../engine/wasm-policies.ts';
import module from './policies.wasm?module';

export const loadPolicies = (): PolicyEngine => startPolicies(adoptModule(module));
