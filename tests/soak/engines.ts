import { createRequire } from 'node:module';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface BreakerEngine {
  breakerCount(): number;
}

interface PolicyEngine {
  policyCount(): number;
}

let wasmBreakers: BreakerEngine | undefined;
let wasmPolicies: PolicyEngine | undefined;

// The package does not export its engines, so they are captured when they are instantiated.
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(target, args: [WebAssembly.Module, WebAssembly.Imports]) {
    const instance = new target(...args);
    if ('breakerCount' in instance.exports) wasmBreakers = instance.exports as unknown as BreakerEngine;
    if ('policyCount' in instance.exports) wasmPolicies = instance.exports as unknown as PolicyEngine;
    return instance;
  },
});

const folder = fileURLToPath(new URL('../../bindings/node/dist/', import.meta.url));
const loadAddon = (): BreakerEngine => {
  const addon = readdirSync(folder).find((file) => file.endsWith('.node'));
  return createRequire(import.meta.url)(folder + addon) as BreakerEngine;
};

/** Returns the number of breakers that an engine holds for this thread. */
export function breakerCount(backend: 'wasm' | 'native'): number {
  return (backend === 'wasm' ? wasmBreakers : loadAddon())?.breakerCount() ?? 0;
}

/** Returns the number of policies that the engine holds. */
export function policyCount(): number {
  return wasmPolicies?.policyCount() ?? 0;
}
