import './world.ts';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';

export type Fusewire = typeof import('fusewire');

const require = createRequire(import.meta.url);
/** Build of the package: another one if the environment names it, such as one with a planted bug. */
const path = process.env['FUSEWIRE_RUNS_TARGET'] ?? join(dirname(require.resolve('fusewire')), 'commonjs/index.cjs');
const platforms = join(dirname(path), '../platforms');
const engines = ['node-breakers.cjs', 'node-policies-engine.cjs'].map((name) => join(platforms, name));

/** Calls of the engines until one traps; infinity for none. */
let untilTrap = Number.POSITIVE_INFINITY;

/** Makes an engine trap at a call, counted from 1; infinity for no trap. */
export function trapAt(call: number): void {
  untilTrap = call;
}

/** Returns how many calls of the engines are left until the trap. */
export function callsUntilTrap(): number {
  return untilTrap;
}

/** Loads a new instance of the package, because an engine that has trapped stays as it is. */
export function loadFusewire(): Fusewire {
  for (const file of Object.keys(require.cache)) {
    if ([dirname(path), platforms].includes(dirname(file))) delete require.cache[file];
  }
  for (const file of engines) {
    const { load } = require(file) as { load: () => object };
    const module = require.cache[require.resolve(file)];
    if (module !== undefined) module.exports = { load: () => trapping(load()) };
  }
  return require(path) as Fusewire;
}

/** Returns an engine that counts its calls, and traps when it is time. Making and freeing an object does not trap. */
function trapping(engine: object): object {
  const members = Object.entries(engine).map(([name, member]: [string, unknown]) => {
    if (typeof member !== 'function' || /^(create|restore|free)/.test(name)) return [name, member];
    const call = (...args: unknown[]): unknown => {
      if (--untilTrap === 0) throw new WebAssembly.RuntimeError('planted trap');
      return Reflect.apply(member, engine, args);
    };
    return [name, call];
  });
  return Object.fromEntries(members) as object;
}
