/**
 * The engine behind every breaker: free functions over an integer handle, the same for each build of the Rust core.
 * What they do is written in `crates/breaker-bridge/src/engine.rs`, which hands on to `crates/breaker-core/src/breaker.rs`.
 *
 * Times are milliseconds on a monotonic clock; one that is no finite number, or that runs backwards, stands still.
 */
export interface Backend {
  readonly kind: BackendKind;
  /** Makes a breaker: its handle, or everything that is wrong with the options. */
  create(options: object, now: number): number | Problem[];
  /** Makes a breaker that goes on where a snapshot was taken. */
  restore(options: object, snapshot: object, now: number): number | Problem[];
  /** Opens the breaker of that name which all threads of the process share. */
  openShared?: ((name: string, options: object, now: number) => number | Problem[]) | undefined;
  free(handle: number): void;
  /** The state word: `generation << 5 | gated << 4 | override << 2 | state`. */
  word(handle: number): number;
  /** Makes at most one transition that time has made due; returns the state word. */
  poll(handle: number, now: number): number;
  /** Returns a permit of at least 0, or the negative code of a rejection. */
  admit(handle: number, now: number): number;
  /** Milliseconds until a call may be admitted; infinite while forced open. */
  retryAfter(handle: number, now: number): number;
  /** Takes a permit back; `duration` is NaN where it was not measured. Returns the state word. */
  settle(handle: number, permit: number, outcome: number, now: number, duration: number): number;
  /** Takes the permit of a failure back that opens the circuit for `openFor` milliseconds. */
  settleOpenFor(handle: number, permit: number, now: number, duration: number, openFor: number): number;
  setOverride(handle: number, override: number, now: number): number;
  releaseForcedOpen(handle: number, now: number): number;
  reset(handle: number, now: number): number;
  /**
   * Replaces the thresholds, after every transition that is due by those so far; NaN takes what the breaker was made with.
   * Returns what is wrong with them, and then changes nothing.
   */
  retune(
    handle: number,
    failures: number,
    consecutiveFailures: number,
    failureRate: number,
    slowCallRate: number,
    minimumCalls: number,
    now: number,
  ): readonly Problem[];
  /** Opens a closed circuit ahead of its rules; returns the state word. */
  openEarly(handle: number, observed: number, threshold: number, now: number): number;
  /** What opens the circuit, in the order of `RULES` in `codes.ts`. */
  rules(handle: number, out: Float64Array): void;
  stats(handle: number, now: number, out: Float64Array): void;
  explain(handle: number, now: number, out: Float64Array): void;
  snapshot(handle: number, now: number): object;
}

/** Which build of the engine runs: WebAssembly, or the native addon of Node. */
export type BackendKind = 'wasm' | 'native';

/** One thing that is wrong with what was given. */
export interface Problem {
  /** Which option, as a path such as `window.size`. */
  readonly option: string;
  /** What kind of thing is wrong with it. */
  readonly kind: 'type' | 'range' | 'unknown' | 'conflict' | 'missing';
  /** What it takes instead; empty for an unknown option. */
  readonly expected: string;
}

/** What a binding exports. */
export type Binding = Omit<Backend, 'kind'>;

/** The backend of a binding. All are made here, so that they have one shape and calls to them stay fast. */
export function createBackend(kind: BackendKind, binding: Binding): Backend {
  return {
    kind,
    create: binding.create,
    restore: binding.restore,
    openShared: binding.openShared,
    free: binding.free,
    word: binding.word,
    poll: binding.poll,
    admit: binding.admit,
    retryAfter: binding.retryAfter,
    settle: binding.settle,
    settleOpenFor: binding.settleOpenFor,
    setOverride: binding.setOverride,
    releaseForcedOpen: binding.releaseForcedOpen,
    reset: binding.reset,
    retune: binding.retune,
    openEarly: binding.openEarly,
    rules: binding.rules,
    stats: binding.stats,
    explain: binding.explain,
    snapshot: binding.snapshot,
  };
}

/** How each backend is loaded. A loader throws where its backend cannot run. */
export type BackendLoaders = Readonly<Record<BackendKind, () => Backend>>;

let loaders: BackendLoaders | undefined;
const loaded: Partial<Record<BackendKind, Backend>> = {};
const collections: Partial<Record<BackendKind, FinalizationRegistry<number>>> = {};

/** Plugs in the backends of the platform; each entry of the package does so once. */
export function registerBackends(platform: BackendLoaders): void {
  loaders = platform;
}

/** The backend of that kind, loaded at its first use. */
export function backendOf(kind: BackendKind): Backend {
  const known = loaded[kind];
  if (known !== undefined) return known;
  if (loaders === undefined) throw new Error('fusewire: no engine is plugged in');
  return (loaded[kind] = loaders[kind]());
}

/** Frees the engine's part of a breaker once `owner` has been collected. */
export function freeWhenCollected(owner: object, kind: BackendKind, handle: number): void {
  if (typeof FinalizationRegistry === 'undefined') return;
  const collection = (collections[kind] ??= new FinalizationRegistry((lost) => freeQuietly(kind, lost)));
  collection.register(owner, handle, owner);
}

/** Takes {@link freeWhenCollected} back. */
export function cancelFreeWhenCollected(owner: object, kind: BackendKind): void {
  collections[kind]?.unregister(owner);
}

function freeQuietly(kind: BackendKind, handle: number): void {
  try {
    loaded[kind]?.free(handle);
  } catch {
    // An engine that failed has been reported by the breakers that it failed.
  }
}
