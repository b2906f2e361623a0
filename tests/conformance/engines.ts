/** The builds of the engine, loaded as they ship and called without the TypeScript layer in between. */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface Problem {
  readonly option: string;
  readonly kind: string;
  readonly expected: string;
}

/** What both bindings export. Times are milliseconds; see the vectors for what each function does. */
export interface Engine {
  create(options: object, now: number): number | Problem[];
  restore(options: object, snapshot: object, now: number): number | Problem[];
  free(handle: number): void;
  word(handle: number): number;
  poll(handle: number, now: number): number;
  admit(handle: number, now: number): number;
  retryAfter(handle: number, now: number): number;
  settle(handle: number, permit: number, outcome: number, now: number, duration: number): number;
  settleOpenFor(handle: number, permit: number, now: number, duration: number, openFor: number): number;
  setOverride(handle: number, override: number, now: number): number;
  releaseForcedOpen(handle: number, now: number): number;
  reset(handle: number, now: number): number;
  stats(handle: number, now: number, out: Float64Array): void;
  explain(handle: number, now: number, out: Float64Array): void;
  snapshot(handle: number, now: number): object;
  breakerCount(): number;
}

const root = new URL('../../', import.meta.url);

async function loadWasm(): Promise<Engine> {
  const glue = await import(new URL('bindings/wasm/pkg/fusewire_wasm.js', root).href);
  glue.initSync({ module: readFileSync(new URL('npm/fusewire/dist/fusewire.wasm', root)) });
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
