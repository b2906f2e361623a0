import type { Binding } from '../engine/backend.ts';
import { decode } from '../engine/compressed.ts';
import { startBreakers } from '../engine/wasm-breakers.ts';
import text from './breakers-bytes.js';

export const loadBreakers = (): Binding => startBreakers(decode(text));

export const loadAddon = undefined;

/** Returns undefined: there are no async contexts. */
export const openScope = (): undefined => undefined;

export const timersEndWithRequests = false;

/** Undefined: development warnings exist on Node only, where programs are developed. */
export const loadWarnings = undefined;
