import { createBackend } from './backend.ts';
import type { Backend, Binding } from './backend.ts';
import { BackendLoadError } from '../errors.ts';
import type { BackendAttempt } from '../errors.ts';

/** The version of this package; build.mjs puts it in. */
declare const VERSION: string;

const ADVICE =
  'install the package @fusewire/native-<platform> of this machine, or set FUSEWIRE_NATIVE_PATH to its .node file. Tried:';

/** The native addon. It is looked for where no bundler can see it: bundling a `.node` file breaks the build. */
export function nativeBackend(): Backend {
  const load = requireAtRunTime();
  const attempts: BackendAttempt[] = [];
  for (const path of candidates()) {
    try {
      return createBackend('native', throughMemory(ofThisVersion(load(path) as Addon)));
    } catch (error) {
      attempts.push({ path, reason: firstLine(error) });
    }
  }
  throw new BackendLoadError('native', attempts, ADVICE);
}

/** An ES module that this was bundled into has no `require`: only an old Node is asked for one. */
function requireAtRunTime(): NodeJS.Require {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { createRequire } = process.getBuiltinModule?.('node:module') ?? require('node:module');
  return createRequire(here());
}

/** This file; once it has been bundled into an ES module, where the program runs. */
function here(): string {
  return typeof __filename === 'undefined' ? `${process.cwd()}/` : __filename;
}

/** What the addon exports beyond what every binding does. */
interface Addon extends Binding {
  version?(): string;
  /** What {@link settleCall} reads: permit, outcome, now and duration. */
  callMemory(): ArrayBuffer;
  settleCall(handle: number): number;
  /** The state words of shared breakers; nothing where the runtime does not allow it. */
  wordMemory(): ArrayBuffer | undefined;
  /** Where in it the word of a breaker stands; negative where it does not. */
  wordSlot(handle: number): number;
}

/** The numbers that cross may mean other things to another version. */
function ofThisVersion(addon: Addon): Addon {
  const version = addon.version?.();
  if (version === VERSION) return addon;
  throw new Error(`it is of version ${version ?? 'unknown'}, and this package of ${VERSION}`);
}

/** Spares a call most of its crossing: numbers go through memory, and the word of a shared breaker is read from it. */
function throughMemory(addon: Addon): Binding {
  const call = new Float64Array(addon.callMemory());
  const words = new Int32Array(addon.wordMemory() ?? new ArrayBuffer(0));
  const slots: number[] = [];
  return {
    ...addon,
    openShared(name, options, now) {
      const made = (addon.openShared as NonNullable<Binding['openShared']>)(name, options, now);
      if (typeof made === 'number') slots[made] = addon.wordSlot(made);
      return made;
    },
    free(handle) {
      slots[handle] = -1;
      addon.free(handle);
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

/** Places to look, in order. A path that was given is the only one: what it was to replace must not run instead. */
function candidates(): string[] {
  const given = process.env['FUSEWIRE_NATIVE_PATH'];
  if (given !== undefined && given !== '') return [given];
  const platforms = platformNames();
  return [
    ...platforms.map((platform) => `@fusewire/native-${platform}`),
    ...platforms.flatMap((platform) => checkout(`bindings/node/dist/fusewire.${platform}.node`)),
  ];
}

/** This machine as the packages are named: where there is more than one C library, both are tried. */
function platformNames(): string[] {
  const { arch, platform } = process;
  const base = `${platform}-${arch}`;
  if (platform === 'linux') return [`${base}-gnu`, `${base}-musl`];
  return [platform === 'win32' ? `${base}-msvc` : base];
}

/** A file of the repository, if this package lies in one. */
function checkout(path: string): string[] {
  const file = here();
  const repository = file.replace(/[\\/]npm[\\/]fusewire[\\/]dist[\\/]node\.cjs$/, '');
  return repository === file ? [] : [`${repository}/${path}`];
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] as string;
}
