/**
 * Engine of the breakers: functions over an integer handle, the same for each build of the Rust core.
 * `crates/breaker-bridge/src/engine.rs` documents them, and `crates/breaker-core/src/breaker.rs` implements them.
 *
 * Times are milliseconds on a monotonic clock. For a time that is not finite or runs backwards, the clock stands still.
 */
export interface Backend {
  readonly kind: BackendKind;
  /** Creates a breaker. Returns its handle, or the problems of its options. */
  create(options: object, now: number): number | Problem[];
  /** Creates a breaker from a snapshot. */
  restore(options: object, snapshot: object, now: number): number | Problem[];
  /** Creates or joins the breaker of that name that all threads of the process share. */
  openShared?: ((name: string, options: object, now: number) => number | Problem[]) | undefined;
  free(handle: number): void;
  /** Frees the handle of a lost breaker, but leaves its override of a shared breaker in place. */
  freeLost?: ((handle: number) => void) | undefined;
  /** Returns the state word: `generation << 5 | gated << 4 | override << 2 | state`. */
  word(handle: number): number;
  /** Makes at most one transition that is due; returns the state word. */
  poll(handle: number, now: number): number;
  /** Returns a permit of at least 0, or the negative code of a rejection. */
  admit(handle: number, now: number): number;
  /** Returns the milliseconds until a call may be admitted; infinite while forced open. */
  retryAfter(handle: number, now: number): number;
  /** Settles a permit; `duration` is NaN if it was not measured. Returns the state word. */
  settle(handle: number, permit: number, outcome: number, now: number, duration: number): number;
  /** Settles the permit of a failure that opens the circuit for `openFor` milliseconds. Returns the state word. */
  settleOpenFor(handle: number, permit: number, now: number, duration: number, openFor: number): number;
  /** Whether a call that its caller's deadline ended after so many milliseconds counts as a timeout. */
  isTimeout(duration: number): boolean;
  /** Sets an override, or adds a holder to a forced opening. Returns a token for {@link release}. */
  setOverride(handle: number, override: number, now: number): number;
  /** Releases the override of a token, once for each holder, if it still stands; returns the state word. */
  release(handle: number, hold: number, now: number): number;
  reset(handle: number, now: number): number;
  /**
   * Replaces the thresholds, after every transition that is due by the current ones. NaN restores the breaker's own threshold.
   * Returns the problems of the thresholds; if there are any, it changes nothing.
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
  /** Replaces the options that can change at runtime. Returns the problems; if there are any, it changes nothing. */
  reconfigure(handle: number, options: object, now: number): readonly Problem[];
  /** Opens the circuit for so many milliseconds, or for its open time if that is NaN; returns the state word. */
  open(handle: number, duration: number, now: number): number;
  /** Opens a closed circuit ahead of its rules; returns the state word. */
  openEarly(handle: number, observed: number, threshold: number, now: number): number;
  /** Writes the thresholds that open the circuit, in the order of `RULES` in `codes.ts`. */
  rules(handle: number, out: Float64Array): void;
  stats(handle: number, now: number, out: Float64Array): void;
  explain(handle: number, now: number, out: Float64Array): void;
  snapshot(handle: number, now: number): object;
}

/** Build of the engine: WebAssembly, or the native addon of Node. */
export type BackendKind = 'wasm' | 'native';

/** One problem of some options. */
export interface Problem {
  /** Path of the option, such as `window.size`. */
  readonly option: string;
  /** Kind of the problem. */
  readonly kind: 'type' | 'range' | 'unknown' | 'conflict' | 'missing';
  /** Values that the option accepts. For an unknown option: the name of the option that it resembles, or an empty string. */
  readonly expected: string;
}

/** Functions that a binding exports. */
export type Binding = Omit<Backend, 'kind'>;

/** Creates the backend of a binding. All backends are created here, so that they have one shape and calls stay fast. */
export function createBackend(kind: BackendKind, binding: Binding): Backend {
  return {
    kind,
    create: binding.create,
    restore: binding.restore,
    openShared: binding.openShared,
    free: binding.free,
    freeLost: binding.freeLost,
    word: binding.word,
    poll: binding.poll,
    admit: binding.admit,
    retryAfter: binding.retryAfter,
    settle: binding.settle,
    settleOpenFor: binding.settleOpenFor,
    isTimeout: binding.isTimeout,
    setOverride: binding.setOverride,
    release: binding.release,
    reset: binding.reset,
    retune: binding.retune,
    reconfigure: binding.reconfigure,
    open: binding.open,
    openEarly: binding.openEarly,
    rules: binding.rules,
    stats: binding.stats,
    explain: binding.explain,
    snapshot: binding.snapshot,
  };
}
