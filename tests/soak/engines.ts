/** How many breakers and policies each engine holds: asked of the very engines that the package uses. */
import { createRequire } from 'node:module';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Counting {
  breakerCount(): number;
}

/** The engine of the breakers, and that of the policies. */
let wasm: Counting | undefined;
let policies: { policyCount(): number } | undefined;

// The package keeps its engine to itself; it is looked at where it is made.
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(target, given: [WebAssembly.Module, WebAssembly.Imports]) {
    const instance = new target(...given);
    if ('breakerCount' in instance.exports) wasm = instance.exports as unknown as Counting;
    if ('policyCount' in instance.exports) policies = instance.exports as typeof policies;
    return instance;
  },
});

const folder = fileURLToPath(new URL('../../bindings/node/dist/', import.meta.url));
const native = (): Counting => {
  const addon = readdirSync(folder).find((file) => file.endsWith('.node'));
  return createRequire(import.meta.url)(folder + addon) as Counting;
};

/** Breakers that the engine holds for this thread. */
export function breakerCount(backend: 'wasm' | 'native'): number {
  return (backend === 'wasm' ? wasm : native())?.breakerCount() ?? 0;
}

/** Policies that the engine holds. */
export function policyCount(): number {
  return policies?.policyCount() ?? 0;
}
