import { emitTransition } from './emit.ts';
import type { Backend } from '../engine/backend.ts';
import { freeWhenCollected, cancelFreeWhenCollected } from '../engine/backends.ts';
import type { Clock } from '../time/clock.ts';
import type { TimeSource } from '../time/time-source.ts';
import { NO_BREAKER } from '../engine/codes.ts';
import { DISPOSED_WORD, FailOpenBackend, FAIL_OPEN_WORD } from '../engine/fail-open-backend.ts';
import { Listeners } from './listeners.ts';
import { FaultCounts, reportFault } from '../logging.ts';
import { describeKept, restoreError } from './error-summary.ts';
import type { ErrorSummary } from './error-summary.ts';
import { readOpening } from './opening.ts';
import type { Opening } from './opening.ts';
import type { Readiness } from './readiness.ts';
import type { RejectionMessage } from './rejection.ts';
import type { CallHooks, Settings } from './settings.ts';
import { ASK_MASK, directPermit, overrideOf, underlyingState } from '../engine/state-word.ts';

/**
 * Circuit in the engine. It keeps the engine's last state word, so that a closed circuit admits a call without asking. It emits
 * the transitions, and admits every call once the engine has failed.
 */
export class EngineCircuit {
  readonly name: string;
  readonly hooks: CallHooks;
  readonly handle: number;
  readonly shared: boolean;
  readonly time: TimeSource;
  /** Options that the engine has, for an update to change. */
  options: Settings['engine'];
  backend: Backend;
  clock: Clock;
  word = FAIL_OPEN_WORD;
  listeners: Listeners | undefined;
  faultCounts: FaultCounts | undefined;
  /** Called after each change of the state word, and after the disposal. Must not throw. */
  onWordChange: (() => void) | undefined;
  /** Decision that opened the circuit the last time; undefined before, and after a restore until it is read. */
  opening: Opening | undefined;
  rejectionMessage: RejectionMessage | undefined;
  /** Last error that counted as a failure, as `summarizeError` keeps it; undefined before the first. */
  protected keptError: unknown;
  /** Callers of `ready()`; created by the first. */
  readiness: Readiness | undefined;

  constructor(
    settings: Pick<Settings, 'name' | 'hooks' | 'shared' | 'engine'>,
    time: TimeSource,
    backend: Backend,
    handle: number,
  ) {
    this.name = settings.name;
    this.hooks = settings.hooks;
    this.shared = settings.shared;
    this.options = settings.engine;
    this.time = time;
    this.clock = time.clock;
    this.backend = backend;
    this.handle = handle;
    if (settings.hooks.logger !== undefined) this.ensureListeners();
    freeWhenCollected(this, backend.kind, handle);
    try {
      this.word = backend.word(handle);
    } catch (error) {
      this.failOpen(error);
    }
  }

  /** Returns a permit of the engine, or the negative code of a rejection. */
  protected admit(now: number): number {
    if ((this.word & ASK_MASK) === 0) return directPermit(this.word);
    const { listeners } = this;
    if (listeners === undefined) return this.#askEngine(now);
    listeners.decisions++;
    try {
      this.pollDue(now);
      return this.#askEngine(now);
    } finally {
      listeners.decisions--;
      listeners.deliver();
    }
  }

  #askEngine(now: number): number {
    if ((this.word & ASK_MASK) === 0) return directPermit(this.word);
    try {
      const permit = this.backend.admit(this.handle, now);
      this.#setWord(this.backend.word(this.handle), now);
      return permit;
    } catch (error) {
      this.failOpen(error);
      return 0;
    }
  }

  /** Returns the milliseconds until a call may be admitted: 0 for now, infinite while forced open, NaN if the engine failed. */
  waitFor(now: number): number {
    try {
      return this.backend.retryAfter(this.handle, now);
    } catch (error) {
      this.failOpen(error);
      return Number.NaN;
    }
  }

  protected settleInEngine(permit: number, outcome: number, now: number, duration: number, openFor: number): void {
    try {
      const word =
        openFor > 0
          ? this.backend.settleOpenFor(this.handle, permit, now, duration, openFor)
          : this.backend.settle(this.handle, permit, outcome, now, duration);
      if (word !== this.word) this.#setWord(word, now);
      else this.readiness?.changed();
    } catch (error) {
      this.failOpen(error);
    }
  }

  /** Whether a call that its caller's deadline ended after so many milliseconds counts as a timeout. */
  protected isTimeout(duration: number): boolean {
    try {
      return this.backend.isTimeout(duration);
    } catch (error) {
      this.failOpen(error);
      return false;
    }
  }

  // --- the state word ---------------------------------------------------------------------------------------------

  /** Makes every transition that is due, and returns the state word. */
  poll(): number {
    if (this.shared) this.refresh();
    if ((this.word & ASK_MASK) !== 0) this.change(undefined);
    return this.word;
  }

  /** Makes every transition that is due, then applies `operation`. Emits the events of both. */
  change(operation: ((backend: Backend, handle: number, now: number) => number) | undefined): void {
    const { listeners } = this;
    const now = this.clock();
    if (listeners !== undefined) listeners.decisions++;
    try {
      this.pollDue(now);
      try {
        if (operation !== undefined) this.#setWord(operation(this.backend, this.handle, now), now);
      } catch (error) {
        this.failOpen(error);
      }
    } finally {
      if (listeners !== undefined) listeners.decisions--;
      listeners?.deliver();
    }
  }

  /** Makes every transition that is due, then reads from the engine. */
  read<T>(reading: (backend: Backend, handle: number, now: number) => T): T {
    this.poll();
    const now = this.clock();
    try {
      return reading(this.backend, this.handle, now);
    } catch (error) {
      this.failOpen(error);
      return reading(this.backend, this.handle, now);
    }
  }

  /** Reads the state word of a shared breaker, which other threads may have changed. */
  refresh(): void {
    try {
      this.#setWord(this.backend.word(this.handle), Number.NaN);
    } catch (error) {
      this.failOpen(error);
    }
  }

  protected pollDue(now: number): void {
    try {
      for (;;) {
        const word = this.backend.poll(this.handle, now);
        if (word === this.word) return;
        this.#setWord(word, now);
      }
    } catch (error) {
      this.failOpen(error);
    }
  }

  #setWord(word: number, now: number): void {
    if (word === this.word) return;
    if (word === NO_BREAKER) throw new Error('the engine does not know this breaker');
    const before = this.word;
    this.word = word;
    this.onWordChange?.();
    this.readiness?.changed();
    if (isOpening(before, word)) {
      this.opening = readOpening(this, Number.isNaN(now) ? this.clock() : now);
    }
    if (this.listeners?.hasTransitionListener) emitTransition(this, this.listeners, before, now);
  }

  /** Returns the decision that opened the circuit the last time. A circuit that began open reads it now. */
  openingAt(now: number): Opening {
    return (this.opening ??= readOpening(this, now));
  }

  /** Copy of the last error that counted as a failure. */
  get lastError(): unknown {
    return (this.keptError = restoreError(this.keptError));
  }

  /** Name, code and message of the last error that counted as a failure; null before the first. */
  get lastErrorSummary(): ErrorSummary | null {
    return this.keptError === undefined ? null : describeKept(this.keptError);
  }

  // --- disposal ---------------------------------------------------------------------------------------------------

  get isDisposed(): boolean {
    return this.word === DISPOSED_WORD;
  }

  /** Frees the breaker in the engine. Calls in flight still settle. */
  dispose(): void {
    if (this.isDisposed) return;
    const { backend } = this;
    this.#replaceBackend(DISPOSED_WORD);
    this.listeners = undefined;
    try {
      backend.free(this.handle);
    } catch (error) {
      this.recordFault('engineErrors', 'the engine failed', error);
    }
  }

  /** Replaces an engine that has thrown by a backend that admits every call. */
  protected failOpen(error: unknown): void {
    if (this.backend instanceof FailOpenBackend) return;
    this.#replaceBackend(FAIL_OPEN_WORD);
    this.recordFault('engineErrors', 'the engine failed, every call passes from now on', error);
  }

  #replaceBackend(word: number): void {
    const { kind } = this.backend;
    cancelFreeWhenCollected(this, kind);
    this.backend = new FailOpenBackend(kind, word);
    this.word = word;
    this.onWordChange?.();
    this.readiness?.changed();
  }

  // --- faults -----------------------------------------------------------------------------------------------------

  /** Returns the listeners, which are created at the first use. */
  ensureListeners(): Listeners {
    return (this.listeners ??= new Listeners(this.hooks.logger, this.recordFault.bind(this, 'listenerErrors')));
  }

  /** Counts a fault that no caller sees, and reports it. Without a logger only the first of each kind is reported. */
  recordFault(kind: keyof FaultCounts, message?: string, error?: unknown): void {
    const faults = (this.faultCounts ??= new FaultCounts());
    faults[kind]++;
    if (message === undefined || (this.hooks.logger === undefined && faults[kind] > 1)) return;
    reportFault(this.hooks.logger, `Circuit breaker ${this.name}: ${message}`, error);
  }
}

/** Whether a change of the state word opens the circuit, or opens it anew. An override does neither. */
function isOpening(before: number, word: number): boolean {
  if (underlyingState(word) !== 'OPEN') return false;
  return underlyingState(before) !== 'OPEN' || (overrideOf(before) === 'NONE' && overrideOf(word) === 'NONE');
}
