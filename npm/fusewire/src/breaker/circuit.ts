import { emitOutcome, emitTransition } from './emit.ts';
import type { Backend } from '../engine/backend.ts';
import { freeWhenCollected, cancelFreeWhenCollected } from '../engine/backend.ts';
import { Call } from './call.ts';
import type { Work } from './call.ts';
import { defaultClock } from '../time/clock.ts';
import type { Clock } from '../time/clock.ts';
import { NO_BREAKER, OUTCOME } from '../engine/codes.ts';
import { captureScope } from '../run/async-scope.ts';
import { applyCallSite, captureCallSite } from '../run/call-site.ts';
import { CallContext } from '../run/call-context.ts';
import { deadlinesOf } from '../time/deadlines.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { BreakerDisposedError, CallTimeoutError, createError } from '../errors.ts';
import { DISPOSED_WORD, FailOpenBackend, FAIL_OPEN_WORD } from '../engine/fail-open-backend.ts';
import { classifyError, isFailedResult } from './classification.ts';
import { restoreError, summarizeError } from './error-summary.ts';
import type { LayerContext } from '../run/layer-context.ts';
import type { Layer, LayerWork } from '../run/layer.ts';
import { invalidBreakerCall } from '../run/arguments.ts';
import { invoke } from '../run/invoke.ts';
import type { CallOptions } from '../run/call-options.ts';
import { Listeners } from './listeners.ts';
import { asPromise, rejectedPromise, Rejection, suppressUnhandledRejection, whenSettled } from '../run/promises.ts';
import { FaultCounts, reportFault } from '../logging.ts';
import type { ObservableHandling } from '../run/observables.ts';
import { SignalSource } from '../run/abort-signals.ts';
import type { AbortSource } from '../run/abort-signals.ts';
import type { CallResult } from './results.ts';
import { failureResult, successResult } from './results.ts';
import type { CallHooks, Settings } from './settings.ts';
import { ASK_MASK, directPermit, takesPlace, UNCOUNTED_PERMIT } from '../engine/state-word.ts';
import { rejectCall, rejectionResult } from './rejection.ts';

/**
 * Circuit of one breaker. It asks the engine to admit a call, runs the work and settles the outcome. It keeps the engine's
 * last state word, so that a closed circuit admits a call without asking. One crossing per call, `settle`, is then enough.
 */
export class Circuit implements Layer {
  readonly name: string;
  readonly hooks: CallHooks;
  readonly handle: number;
  readonly shared: boolean;
  readonly observables: ObservableHandling | undefined;
  backend: Backend;
  clock: Clock;
  word = FAIL_OPEN_WORD;
  /** Number of calls in flight. */
  inFlight = 0;
  listeners: Listeners | undefined;
  faultCounts: FaultCounts | undefined;
  /** Called after each change of the state word, and after the disposal. Must not throw. */
  onWordChange: (() => void) | undefined;

  /** Last error that counted as a failure, as {@link summarizeError} keeps it. */
  #lastError: unknown;
  readonly #deadlines: Deadlines | undefined;
  readonly #measured: boolean;
  readonly #rejectionStack: boolean;
  /** Whether calls need neither a timer nor a measurement. Two handlers then serve all calls. */
  readonly #sharesHandlers: boolean;
  /** State word that the two handlers belong to. */
  #handlersFor = NO_BREAKER;
  #onSuccess: ((value: unknown) => unknown) | undefined;
  #onFailure: ((error: unknown) => unknown) | undefined;

  constructor(settings: Settings, clock: Clock, backend: Backend, handle: number) {
    this.name = settings.name;
    this.hooks = settings.hooks;
    this.shared = settings.shared;
    this.observables = settings.observables;
    this.clock = clock;
    this.backend = backend;
    this.handle = handle;
    this.#measured = settings.measured;
    this.#rejectionStack = settings.rejectionStack;
    this.#deadlines = settings.timeout > 0 ? deadlinesOf(settings.timeout) : undefined;
    this.#sharesHandlers = settings.timeout === 0 && !settings.measured;
    if (settings.hooks.logger !== undefined) this.ensureListeners();
    freeWhenCollected(this, backend.kind, handle);
    try {
      this.word = backend.word(handle);
    } catch (error) {
      this.#failOpen(error);
    }
  }

  get kind(): 'breaker' {
    return 'breaker';
  }

  /** Milliseconds that a call may take; undefined for no limit. */
  get timeout(): number | undefined {
    return this.#deadlines?.duration;
  }

  /** Copy of the last error that counted as a failure. */
  get lastError(): unknown {
    return (this.#lastError = restoreError(this.#lastError));
  }

  // --- calls ------------------------------------------------------------------------------------------------------

  /** Runs the work if the circuit admits the call, and rejects otherwise. */
  execute(work: Work, options: CallOptions | undefined): Promise<unknown> {
    if (this.shared) this.refresh();
    if (options === undefined && typeof work === 'function' && (this.word & ASK_MASK) === 0) {
      return this.#sharesHandlers
        ? this.#runDirect(work)
        : this.#track(work, undefined, directPermit(this.word), this.clock());
    }
    return this.#run(work, options, false);
  }

  /** Runs the work if the circuit admits the call, and resolves with a result. */
  tryExecute(work: Work, options: CallOptions | undefined): Promise<CallResult<unknown>> {
    if (this.shared) this.refresh();
    return this.#run(work, options, true) as Promise<CallResult<unknown>>;
  }

  /** Runs the work as a layer of a pipeline. The abort of an outer layer ends the call. */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    if (this.shared) this.refresh();
    if (this.isDisposed) return rejectedPromise(new BreakerDisposedError(this.name));
    const now = this.clock();
    const permit = (this.word & ASK_MASK) === 0 ? directPermit(this.word) : this.#admit(now);
    if (permit < 0) return this.#reject(permit, now, false);
    return this.#track(work as Work, outer.abortSource, permit, now, outer);
  }

  /** Runs a call of a closed circuit without the engine and without any object but its context and its promise. */
  #runDirect(work: (context: CallContext) => unknown): Promise<unknown> {
    if (this.#handlersFor !== this.word) this.#bindHandlers();
    const onSuccess = this.#onSuccess as (value: unknown) => unknown;
    const onFailure = this.#onFailure as (error: unknown) => unknown;
    this.inFlight++;
    try {
      return whenSettled(asPromise(work(new CallContext(this.name)), this.name), onSuccess, onFailure);
    } catch (error) {
      // Without a call, because the stack may have overflowed.
      this.inFlight--;
      this.failed(directPermit(this.#handlersFor), error, Number.NaN);
      return rejectedPromise(error);
    }
  }

  /** Creates the two handlers for the calls that the current generation admits. */
  #bindHandlers(): void {
    const permit = directPermit(this.word);
    this.#handlersFor = this.word;
    this.#onSuccess = (value) => {
      this.inFlight--;
      this.succeeded(permit, value, Number.NaN);
      return value;
    };
    this.#onFailure = (error) => {
      this.inFlight--;
      this.failed(permit, error, Number.NaN);
      return new Rejection(error);
    };
  }

  #run(work: Work, options: CallOptions | undefined, asResult: boolean): Promise<unknown> {
    let signal: AbortSignal | undefined;
    if (options !== undefined || typeof work !== 'function' || this.isDisposed) {
      signal = options?.signal;
      const error = this.isDisposed
        ? new BreakerDisposedError(this.name)
        : invalidBreakerCall(this.name, work, options, signal);
      if (error !== undefined || signal?.aborted === true) {
        suppressUnhandledRejection(work);
        if (error !== undefined) return rejectedPromise(error);
        return asResult ? Promise.resolve(failureResult(signal?.reason)) : rejectedPromise(signal?.reason);
      }
    }
    const now = this.clock();
    const permit = (this.word & ASK_MASK) === 0 ? directPermit(this.word) : this.#admit(now);
    if (permit < 0) {
      suppressUnhandledRejection(work);
      return this.#reject(permit, now, asResult);
    }
    const promise = this.#track(work, signal && SignalSource.of(signal), permit, now);
    return asResult ? whenSettled(promise, successResult, failureResult) : promise;
  }

  /** Runs an admitted call that may be measured, time out or be aborted. `outer` is its context in a pipeline. */
  #track(
    work: Work,
    aborts: AbortSource | undefined,
    permit: number,
    now: number,
    outer?: LayerContext,
  ): Promise<unknown> {
    const call = Call.start(this, permit, this.#measured ? now : Number.NaN);
    try {
      return this.#startCall(call, work, aborts, now, outer);
    } catch (error) {
      // The stack has overflowed, so that nothing can be called here.
      if (call.isOpen) this.inFlight--;
      call.isOpen = false;
      throw error;
    }
  }

  #startCall(
    call: Call,
    work: Work,
    aborts: AbortSource | undefined,
    now: number,
    outer: LayerContext | undefined,
  ): Promise<unknown> {
    const deadlines = this.#deadlines;
    const endsEarly = deadlines !== undefined || aborts !== undefined;
    let context: CallContext;
    if (outer === undefined) {
      context = new CallContext(this.name);
    } else {
      call.parent = outer.run;
      context = endsEarly ? outer.createChild(call, this.name) : innerContext(outer, call, work);
    }
    if (!endsEarly) return this.#start(call, work, context);
    const promise = call.createPromise();
    call.context = context;
    if (this.#rejectionStack) captureCallSite(context);
    if (this.listeners !== undefined) call.scope = captureScope();
    if (deadlines !== undefined) call.startDeadline(deadlines, this.clock === defaultClock ? now : defaultClock());
    call.listenTo(aborts);
    // A listener may have aborted the call on the way in.
    if (call.isOpen) this.#start(call, work, context);
    else suppressUnhandledRejection(work);
    return promise;
  }

  #start(call: Call, work: Work, context: CallContext): Promise<unknown> {
    call.begin();
    let running: Promise<unknown>;
    try {
      running = asPromise(typeof work === 'function' ? work(context) : work, this.name);
    } catch (error) {
      running = rejectedPromise(error);
    }
    return call.follow(running);
  }

  /** Returns a permit of the engine, or the negative code of a rejection. */
  #admit(now: number): number {
    const { listeners } = this;
    if (listeners === undefined) return this.#askEngine(now);
    listeners.decisions++;
    try {
      this.#poll(now);
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
      this.#failOpen(error);
      return 0;
    }
  }

  #reject(code: number, now: number, asResult: boolean): Promise<unknown> {
    let wait = Number.NaN;
    try {
      wait = this.backend.retryAfter(this.handle, now);
    } catch (error) {
      this.#failOpen(error);
    }
    if (asResult) return rejectionResult(this, code, wait);
    return rejectCall(this, code, now, wait, this.#rejectionStack);
  }

  // --- outcomes ---------------------------------------------------------------------------------------------------

  succeeded(permit: number, value: unknown, started: number): void {
    const failed = this.hooks.isFailure !== undefined && isFailedResult(this, value);
    this.#settle(permit, failed ? OUTCOME.FAILURE : OUTCOME.SUCCESS, started, undefined, 0);
  }

  failed(permit: number, error: unknown, started: number): void {
    const classified = classifyError(this, error);
    const outcome = typeof classified === 'number' ? classified : OUTCOME.FAILURE;
    if (outcome === OUTCOME.FAILURE || outcome === OUTCOME.TIMEOUT) this.#lastError = summarizeError(error);
    this.#settle(permit, outcome, started, error, typeof classified === 'number' ? 0 : classified.openFor);
  }

  timedOut(permit: number, started: number, context: CallContext): CallTimeoutError {
    const end = { cause: context.timeoutCause() };
    const error = createError(false, CallTimeoutError, this.name, this.#deadlines?.duration ?? 0, undefined, end);
    if (this.#rejectionStack) applyCallSite(error, context);
    this.#lastError = summarizeError(error);
    this.#settle(permit, OUTCOME.TIMEOUT, started, error, 0);
    return error;
  }

  ignored(permit: number, reason: unknown, started: number): void {
    this.#settle(permit, OUTCOME.IGNORED, started, reason, 0);
  }

  /** Gives back the permit of a call that waits in a queue, and returns one that counts in the totals alone. */
  withdraw(permit: number): number {
    if (takesPlace(permit)) {
      this.change((backend, handle, now) => backend.settle(handle, permit, OUTCOME.WITHDRAWN, now, Number.NaN));
    }
    return UNCOUNTED_PERMIT;
  }

  /** Admits a call that has waited, as if it began now, or rejects it. */
  admitAgain(call: Call): Promise<never> | undefined {
    if (this.shared) this.refresh();
    if (this.isDisposed) return undefined;
    const now = this.clock();
    const permit = (this.word & ASK_MASK) === 0 ? directPermit(this.word) : this.#admit(now);
    if (!call.isOpen) {
      // A listener has ended the call meanwhile.
      if (permit >= 0) this.withdraw(permit);
      return undefined;
    }
    if (permit >= 0) {
      call.restart(permit, this.#measured ? now : Number.NaN, this.#deadlines);
      return undefined;
    }
    call.rejectAfterWait();
    return this.#reject(permit, now, false) as Promise<never>;
  }

  /**
   * Settles a permit. The engine applies the rules that open the circuit (`crates/breaker-core/src/rules.rs`), and returns
   * the state word.
   */
  #settle(permit: number, outcome: number, started: number, error: unknown, openFor: number): void {
    const now = this.clock();
    const duration = now - started;
    const { listeners } = this;
    if (listeners === undefined) return this.#settleInEngine(permit, outcome, now, duration, openFor);
    listeners.decisions++;
    try {
      if ((this.word & ASK_MASK) !== 0) this.#poll(now);
      emitOutcome(listeners, this.name, outcome, duration, error);
      this.#settleInEngine(permit, outcome, now, duration, openFor);
    } finally {
      listeners.decisions--;
      listeners.deliver();
    }
  }

  #settleInEngine(permit: number, outcome: number, now: number, duration: number, openFor: number): void {
    try {
      const word =
        openFor > 0
          ? this.backend.settleOpenFor(this.handle, permit, now, duration, openFor)
          : this.backend.settle(this.handle, permit, outcome, now, duration);
      if (word !== this.word) this.#setWord(word, now);
    } catch (error) {
      this.#failOpen(error);
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
      this.#poll(now);
      try {
        if (operation !== undefined) this.#setWord(operation(this.backend, this.handle, now), now);
      } catch (error) {
        this.#failOpen(error);
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
      this.#failOpen(error);
      return reading(this.backend, this.handle, now);
    }
  }

  /** Reads the state word of a shared breaker, which other threads may have changed. */
  refresh(): void {
    try {
      this.#setWord(this.backend.word(this.handle), Number.NaN);
    } catch (error) {
      this.#failOpen(error);
    }
  }

  #poll(now: number): void {
    try {
      for (;;) {
        const word = this.backend.poll(this.handle, now);
        if (word === this.word) return;
        this.#setWord(word, now);
      }
    } catch (error) {
      this.#failOpen(error);
    }
  }

  #setWord(word: number, now: number): void {
    if (word === this.word) return;
    if (word === NO_BREAKER) throw new Error('the engine does not know this breaker');
    const before = this.word;
    this.word = word;
    this.onWordChange?.();
    if (this.listeners?.hasTransitionListener) emitTransition(this, this.listeners, before, now);
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
  #failOpen(error: unknown): void {
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

/** Returns the context of work that nothing ends early. Nothing looks for the run around the work of the user itself. */
function innerContext(outer: LayerContext, call: Call, work: unknown): LayerContext {
  return work === invoke ? outer : outer.within(call);
}
