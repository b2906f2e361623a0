import { createBackend } from './backend.ts';
import type { Backend, Binding } from './backend.ts';
import { BackendLoadError } from '../errors.ts';
import type { BackendAttempt } from '../errors.ts';
import type { PolicyEngine } from './policy-engine.ts';

/** Version of this package, inserted by build.mjs. */
declare const VERSION: string;

const ADVICE =
  'install the package @fusewire/native-<platform> of this machine, or set FUSEWIRE_NATIVE_PATH to its .node file. Tried:';

/** Loads the native addon as the backend of breakers. */
export function nativeBackend(): Backend {
  return loadAddon((addon) => createBackend('native', throughMemory(addon)));
}

/** Loads the native addon as the engine of the policies. */
export function nativePolicyEngine(): PolicyEngine {
  return loadAddon((addon) => addon);
}

/** Loads the native addon. Its path is hidden from bundlers, because bundling a `.node` file breaks the build. */
function loadAddon<Engine>(use: (addon: Addon) => Engine): Engine {
  const load = requireAtRunTime();
  const attempts: BackendAttempt[] = [];
  for (const path of candidates()) {
    try {
      return use(requireSameVersion(load(path) as Addon));
    } catch (error) {
      attempts.push({ path, reason: firstLine(error) });
    }
  }
  throw new BackendLoadError('native', attempts, ADVICE);
}

/** Returns a `require` function. An ES module bundle has none of its own; only an old Node needs it. */
function requireAtRunTime(): NodeJS.Require {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { createRequire } = process.getBuiltinModule?.('node:module') ?? require('node:module');
  return createRequire(here());
}

/** Returns the path of this file, or the working directory in an ES module bundle. */
function here(): string {
  return typeof __filename === 'undefined' ? `${process.cwd()}/` : __filename;
}

/** Exports of the addon, more than those of other bindings. */
interface Addon extends Binding, PolicyEngine {
  version?(): string;
  freeLost(handle: number): void;
  /** Returns the memory that {@link settleCall} reads: permit, outcome, now and duration. */
  callMemory(): ArrayBuffer;
  settleCall(handle: number): number;
  /** Returns the memory with the state words of shared breakers; undefined if the runtime does not allow it. */
  wordMemory(): ArrayBuffer | undefined;
  /** Returns the index of a breaker's state word in that memory; negative if it has none there. */
  wordSlot(handle: number): number;
}

/** Throws if the addon has another version: its numeric codes could differ. */
function requireSameVersion(addon: Addon): Addon {
  const version = addon.version?.();
  if (version === VERSION) return addon;
  throw new Error(`its version is ${version ?? 'unknown'}, but this package needs ${VERSION}`);
}

/** Makes calls faster: numbers are passed through memory, and the word of a shared breaker is read from it. */
function throughMemory(addon: Addon): Binding {
  const call = new Float64Array(addon.callMemory());
  const words = new Int32Array(addon.wordMemory() ?? new ArrayBuffer(0));
  const slots: number[] = [];
  return {
    ...addon,
    openShared(name, options, now) {
      const created = (addon.openShared as NonNullable<Binding['openShared']>)(name, options, now);
      if (typeof created === 'number') slots[created] = addon.wordSlot(created);
      return created;
    },
    free(handle) {
      slots[handle] = -1;
      addon.free(handle);
    },
    freeLost(handle) {
      slots[handle] = -1;
      addon.freeLost(handle);
    },
    word: (handle) => words[slots[handle] ?? -1] ?? addon.word(handle),
    settle(handle, permit, outcome, now, duration) {
      call[0] = permit;
      call[1] = outcome;
      call[2] = now;
      call[3] = duration;
      return addon.settleCall(handle);
    },
  };
}

/** Returns the paths to try, in order. `FUSEWIRE_NATIVE_PATH` excludes all others, so that no other build runs instead. */
function candidates(): string[] {
  const override = pathFromEnvironment();
  if (override !== undefined && override !== '') return [override];
  const platforms = platformNames();
  return [
    ...platforms.map((platform) => `@fusewire/native-${platform}`),
    ...platforms.flatMap((platform) => checkout(`bindings/node/dist/fusewire.${platform}.node`)),
  ];
}

function pathFromEnvironment(): string | undefined {
  try {
    return process.env['FUSEWIRE_NATIVE_PATH'];
  } catch {
    // Deno denies the variable unless the user has allowed it.
    return undefined;
  }
}

/** Returns the names of this machine in package names: on Linux one for each C library. */
function platformNames(): string[] {
  const { arch, platform } = process;
  const base = `${platform}-${arch}`;
  if (platform === 'linux') return [`${base}-gnu`, `${base}-musl`];
  return [platform === 'win32' ? `${base}-msvc` : base];
}

/** Returns a file of the repository, if this package is inside one. */
function checkout(path: string): string[] {
  const file = here();
  const repository = file.replace(/[\\/]npm[\\/]fusewire[\\/]dist[\\/]node\.cjs$/, '');
  return repository === file ? [] : [`${repository}/${path}`];
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] as string;
}
