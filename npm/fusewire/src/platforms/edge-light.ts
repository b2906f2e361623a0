import type { Binding } from '../engine/backend.ts';
import { adoptModule } from '../engine/module-realm.ts';
import { startBreakers } from '../engine/wasm-breakers.ts';
import { asyncSnapshot } from '../run/async-resources.ts';
import module from './fusewire.wasm?module';

export const loadBreakers = (): Binding => startBreakers(adoptModule(module));

export const loadAddon = undefined;

export const openScope = asyncSnapshot;

export const timersEndWithRequests = true;

/** Undefined: development warnings exist on Node only, where programs are developed. */
export const loadWarnings = undefined;
