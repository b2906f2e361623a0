import type { Binding } from '../engine/backend.ts';
import { startBreakers } from '../engine/wasm-breakers.ts';
import { asyncResources } from '../run/async-resources.ts';
import type { AsyncScope } from '../run/async-scope.ts';
import module from './fusewire.wasm';

export const loadBreakers = (): Binding => startBreakers(module);

export const loadAddon = undefined;

export const openScope: () => AsyncScope | undefined = /* @__PURE__ */ asyncResources(() =>
  globalThis.process?.getBuiltinModule?.('node:async_hooks'),
);

export const timersEndWithRequests = true;

/** Undefined: development warnings exist on Node only, where programs are developed. */
export const loadWarnings = undefined;
