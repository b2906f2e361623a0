import { wasmPolicies } from '../backends/wasm-policies.ts';
import { ofThisRealm } from '../backends/realm.ts';
import type { PolicyEngine } from '../policies/engine.ts';
import module from './policies.wasm?module';
import type { Witness } from '../witness.ts';

export const loadPolicies = (): PolicyEngine => wasmPolicies(ofThisRealm(module));

/** Warnings of what is made are for Node, where programs are developed. */
export const loadWarnings: (() => Witness) | undefined = undefined;
