import { bytesOf } from '../backends/bytes.ts';
import { wasmPolicies } from '../backends/wasm-policies.ts';
import base64 from '../generated/fusewire_policies_bg.base64';
import type { PolicyEngine } from '../policies/engine.ts';
import type { Witness } from '../witness.ts';

/** A bundler leaves the bytes out where no policy needs them. */
export const loadPolicies = (): PolicyEngine => wasmPolicies(bytesOf(base64));

/** Warnings of what is made are for Node, where programs are developed. */
export const loadWarnings: (() => Witness) | undefined = undefined;
