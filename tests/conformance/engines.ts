/** Both builds of the engine as they ship, called without the TypeScript layer. */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Binding } from '../../npm/fusewire/src/engine/backend.ts';

/** The functions that both bindings export. */
export interface Engine extends Binding {
  breakerCount(): number;
}

const root = new URL('../../', import.meta.url);

async function loadWasm(): Promise<Engine> {
  const glue = await import(new URL('bindings/wasm/pkg/fusewire_wasm.js', root).href);
  glue.initSync({ module: readFileSync(new URL('npm/fusewire/dist/platforms/fusewire.wasm', root)) });
  return glue as Engine;
}

function loadNative(): Engine {
  const folder = new URL('bindings/node/dist/', root);
  const addon = readdirSync(folder).find((file) => file.endsWith('.node'));
  if (addon === undefined) throw new Error(`there is no addon in ${fileURLToPath(folder)}`);
  return createRequire(import.meta.url)(fileURLToPath(new URL(addon, folder))) as Engine;
}

export const engines: ReadonlyMap<string, Engine> = new Map([
  ['wasm', await loadWasm()],
  ['native', loadNative()],
]);
