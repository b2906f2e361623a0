import { bytesOf } from '../bytes.ts';
import { wasmPolicies } from '../wasm-policies.ts';
import base64 from '../generated/fusewire_policies_bg.base64';
import type { PolicyEngine } from '../load-policy-engine.ts';
import type { Witness } from '../../doctor/diagnostics-hook.ts';

/** A bundler leaves the bytes out where no policy needs them. */
export const loadPolicies = (): PolicyEngine => wasmPolicies(bytesOf(base64));

/** Warnings of what is made are for Node, where programs are developed. */
export const loadWarnings: (() => Witness) | undefined = undefined;
