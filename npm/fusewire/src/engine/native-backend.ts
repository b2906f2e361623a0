import { loadAddon } from '#platform';
import { EngineLoadError } from '../errors/engine-load-error.ts';
import { createBackend } from './backend.ts';
import type { Backend, Binding } from './backend.ts';
import type { PolicyEngine } from './policy-engine.ts';

/** Version of this package, inserted by build.mjs. */
declare const VERSION: string;

/** Loads the native addon as the backend of breakers. */
export function nativeBackend(): Backend {
  return createBackend('native', throughMemory(loadSameVersion()));
}

/** Loads the native addon as the engine of the policies. */
export function nativePolicyEngine(): PolicyEngine {
  return loadSameVersion();
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

const ADVICE =
  'install the package @fusewire/native-<platform> of this machine, or set FUSEWIRE_NATIVE_PATH to its .node file. Tried:';

/** Loads the addon of this version. Throws an {@link EngineLoadError} with each attempt if there is none. */
function loadSameVersion(): Addon {
  if (loadAddon === undefined) {
    throw new EngineLoadError('native', [], 'it is an addon of Node, and this is another build of the package.');
  }
  return loadAddon(
    (addon) => requireSameVersion(addon as Addon),
    (attempts) => new EngineLoadError('native', attempts, ADVICE),
  );
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
