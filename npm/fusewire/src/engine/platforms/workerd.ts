import { wasmPolicies } from '../wasm-policies.ts';
import type { PolicyEngine } from '../load-policy-engine.ts';
import module from './policies.wasm';
import type { Witness } from '../../doctor/diagnostics-hook.ts';

export const loadPolicies = (): PolicyEngine => wasmPolicies(module);

/** Warnings of what is made are for Node, where programs are developed. */
export const loadWarnings: (() => Witness) | undefined = undefined;
