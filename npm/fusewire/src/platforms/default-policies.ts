import { decode } from '../engine/compressed.ts';
import type { PolicyEngine } from '../engine/policy-engine.ts';
import { startPolicies } from '../engine/wasm-policies.ts';
import text from './policies-bytes.js';

export const loadPolicies = (): PolicyEngine => startPolicies(decode(text));
