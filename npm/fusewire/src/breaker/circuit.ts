import { EngineCircuit } from './engine-circuit.ts';
import { emitOutcome } from './emit.ts';
import type { Backend } from '../engine/backend.ts';
import { Call } from './call.ts';
import type { CallOwner, Work } from './call.ts';
import { NO_BREAKER, OUTCOME } from '../engine/codes.ts';
import { captureScope } from '../run/async-scope.ts';
import { applyCallSite, captureCallSite } from '../run/call-site.ts';
import { CallContext } from '../run/call-context.ts';
import { callWatch } from '../run/call-watch.ts';
import type { Deadlines } from '../time/deadlines.ts';
import type { TimeSource } from '../time/time-source.ts';
import { isFailure } from '../classification/classification.ts';
import { classifyError, classifyValue } from '../classification/classifier.ts';
import type { Classifier } from '../classification/classifier.ts';
import { BreakerDisposedError } from '../errors/breaker-disposed-error.ts';
import { CallTimeoutError } from '../errors/call-timeout-error.ts';
import { createError } from '../errors/stacks.ts';
import type { CircuitOpenError } from '../errors/circuit-open-error.ts';
import { summarizeError } from './error-summary.ts';
import { LayerContext } from '../run/layer-context.ts';
import type { Layer, LayerWork } from '../run/layer.ts';
import { invoke, startWork } from '../run/invoke.ts';
import type { CallOptions } from '../run/call-options.ts';
import { rejectedPromise, Rejection, suppressUnhandledRejection, whenSettled } from '../run/promises.ts';
import type { ObservableHandling } from '../run/observables.ts';
import { isAbortError, isDeadline, SignalSource } from '../run/abort-signals.ts';
import type { AbortSource } from '../run/abort-signals.ts';
import type { CallResult } from '../run/results.ts';
import { errorResult, successResult } from '../run/results.ts';
import type { Settings } from './settings.ts';
import { ASK_MASK, directPermit, takesPlace, UNCOUNTED_PERMIT } from '../engine/state-word.ts';
import { ReplayOwner } from './replay-owner.ts';
import { CallPermit, unprotectedPermit } from './permit.ts';
import type { Permit } from './permit.ts';
import { Readiness } from './readiness.ts';
import { rejectCall, rejectionResult } from './rejection.ts';
import type { CandidateCircuit } from './candidate-circuit.ts';
import { endBeforeStart, invalidWait, runDisabled } from './disabled.ts';

/**
 * Circuit of one breaker. It asks the engine to admit a call, runs the work and settles the outcome. A closed circuit needs one
 * crossing per call: `settle`.
 */
export class Circuit extends EngineCircuit implements Layer {
  readonly observables: ObservableHandling | undefined;
  /** Number of calls in flight. */
  inFlight = 0;

  #deadlines: Deadlines | undefined;
  readonly #measured: boolean;
  readonly #rejectionStack: boolean;
  /** Whether calls need neither a timer nor a measurement. Two handlers then serve all calls. */
  #sharesHandlers = false;
  /** Whether the circuit admits and counts calls. If not, they run as if there were no breaker. */
  enabled = true;
  /** Whether a call needs a look at `enabled`, or at what other threads have changed. */
  #detours = false;
  /** Circuit with the options of an update that only observes so far. */
  candidate: CandidateCircuit | undefined;
  /** State word that the two handlers belong to. */
  #handlersFor = NO_BREAKER;
  #onSuccess: ((value: unknown) => unknown) | undefined;
  #onFailure: ((error: unknown) => unknown) | undefined;

  constructor(settings: Settings, time: TimeSource, backend: Backend, handle: number) {
    super(settings, time, backend, handle);
    this.observables = settings.observables;
    this.#measured = settings.measured;
    this.#rejectionStack = settings.rejectionStack;
    this.configure(settings.timeout, settings.enabled);
  }

  /** Sets what the engine does not decide: the timeout of later calls, and whether the circuit sees them. */
  configure(timeout: number, enabled: boolean): void {
    this.#deadlines = timeout > 0 ? this.time.deadlinesOf(timeout) : undefined;
    this.#sharesHandlers = timeout === 0 && !this.#measured;
    this.enabled = enabled;
    this.#detours = this.shared || !enabled;
    this.readiness?.changed();
  }

  get kind(): 'breaker' {
    return 'breaker';
  }

  /** Milliseconds that a call may take; undefined for no limit. */
  get timeout(): number | undefined {
    return this.#deadlines?.duration;
  }

  override dispose(): void {
    this.candidate?.dispose();
    this.candidate = undefined;
    super.dispose();
  }

  // --- calls ------------------------------------------------------------------------------------------------------

  /** Runs the work if the circuit admits the call, and rejects otherwise. */
  execute(work: Work, options: CallOptions | undefined): Promise<unknown> {
    if (this.#detours) {
      if (!this.enabled) return runDisabled(this, work, options, false);
      this.refresh();
    }
    if (options === undefined && typeof work === 'function' && (this.word & ASK_MASK) === 0) {
      return this.#sharesHandlers
        ? this.#runDirect(work)
        : this.#track(work, undefined, directPermit(this.word), this.clock());
    }
    return this.#run(work, options, false);
  }

  /** Runs the work if the circuit admits the call, and resolves with a result. */
  tryExecute(work: Work, options: CallOptions | undefined): Promise<CallResult<unknown>> {
    if (!this.enabled) return runDisabled(this, work, options, true) as Promise<CallResult<unknown>>;
    if (this.shared) this.refresh();
    return this.#run(work, options, true) as Promise<CallResult<unknown>>;
  }

  /** Admits a call whose work the user runs, and returns its permit. Throws if it is not admitted. */
  acquire(options: CallOptions | undefined): Permit {
    const signal = options?.signal;
    const error = invalidWait(this, options, signal);
    if (error !== undefined) throw error;
    signal?.throwIfAborted();
    if (!this.enabled) return unprotectedPermit(this.name, signal);
    if (this.shared) this.refresh();
    const now = this.clock();
    const permit = this.admit(now);
    if (permit < 0) throw this.#rejection(permit, now);
    const call = Call.start(this, permit, now);
    const context = new CallContext(this.name);
    try {
      call.begin();
      this.#watch(call, context, signal && SignalSource.of(signal), now);
    } catch (overflow) {
      // The stack has overflowed, so that nothing can be called here.
      if (call.isOpen) this.inFlight--;
      call.isOpen = false;
      throw overflow;
    }
    // A listener may have aborted the call on the way in.
    if (!call.isOpen) throw signal?.reason;
    return new CallPermit(call, context, this.#deadlines === undefined);
  }

  /** Returns a promise that resolves when a call may be admitted. */
  ready(options: CallOptions | undefined): Promise<void> {
    const signal = options?.signal;
    const error = invalidWait(this, options, signal);
    if (error !== undefined || signal?.aborted === true) return rejectedPromise(error ?? signal?.reason);
    if (!this.enabled || (this.poll() & ASK_MASK) === 0) return Promise.resolve();
    return (this.readiness ??= new Readiness(this)).wait(signal);
  }

  /** Runs an operation of a queue if the circuit admits it. Its failure does not count. */
  executeReplay(work: Work, options: CallOptions): Promise<unknown> {
    if (!this.enabled) return runDisabled(this, work, options, false);
    if (this.shared) this.refresh();
    return this.#run(work, options, false, new ReplayOwner(this));
  }

  /** Runs the work as a layer of a pipeline. The abort of an outer layer ends the call. */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    if (this.shared) this.refresh();
    if (this.isDisposed) return rejectedPromise(new BreakerDisposedError(this.name));
    if (!this.enabled) return work(outer);
    const now = this.clock();
    const permit = this.admit(now);
    if (permit < 0) return this.#reject(permit, now, false);
    return this.#track(work as Work, outer.abortSource, permit, now, outer);
  }

  /** Runs a call of a closed circuit without the engine and without any object but its context and its promise. */
  #runDirect(work: (context: CallContext) => unknown): Promise<unknown> {
    if (this.#handlersFor !== this.word) this.#bindHandlers();
    const onSuccess = this.#onSuccess as (value: unknown) => unknown;
    const onFailure = this.#onFailure as (error: unknown) => unknown;
    const context = new CallContext(this.name);
    this.inFlight++;
    try {
      return whenSettled(startWork(work, context, this.hooks.logger), onSuccess, onFailure);
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

  #run(work: Work, options: CallOptions | undefined, asResult: boolean, owner: CallOwner = this): Promise<unknown> {
    let signal: AbortSignal | undefined;
    if (options !== undefined || typeof work !== 'function' || this.isDisposed) {
      signal = options?.signal;
      const ended = endBeforeStart(this, work, options, asResult);
      if (ended !== undefined) return ended;
    }
    const now = this.clock();
    const permit = this.admit(now);
    if (permit < 0) {
      if (typeof work !== 'function') {
        suppressUnhandledRejection(work);
        callWatch?.onPromiseRejected(this.name, this.hooks.logger);
      }
      return this.#reject(permit, now, asResult);
    }
    const promise = this.#track(work, signal && SignalSource.of(signal), permit, now, undefined, owner);
    return asResult ? whenSettled(promise, successResult, errorResult) : promise;
  }

  /** Runs an admitted call that may be measured, time out or be aborted. `outer` is its context in a pipeline. */
  #track(
    work: Work,
    aborts: AbortSource | undefined,
    permit: number,
    now: number,
    outer?: LayerContext,
    owner: CallOwner = this,
  ): Promise<unknown> {
    const call = Call.start(owner, permit, now);
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
      if (aborts !== undefined) call.hasSignal = true;
    } else {
      call.parent = outer.run;
      // Most calls have neither, and pay for no write.
      if (outer.classifier !== undefined) call.classifier = outer.classifier;
      if (outer.options?.signal !== undefined) call.hasSignal = true;
      context = endsEarly ? outer.createChild(call, this.name) : innerContext(outer, call, work);
    }
    if (!endsEarly) return this.#start(call, work, context);
    const promise = call.createPromise();
    this.#watch(call, context, aborts, now);
    // A listener may have aborted the call on the way in.
    if (call.isOpen) this.#start(call, work, context);
    else suppressUnhandledRejection(work);
    return promise;
  }

  /** Lets a call end early: by its deadline, or when its source aborts. */
  #watch(call: Call, context: CallContext, aborts: AbortSource | undefined, now: number): void {
    const deadlines = this.#deadlines;
    call.context = context;
    if (this.#rejectionStack) captureCallSite(context);
    if (this.listeners !== undefined) call.scope = captureScope();
    if (deadlines !== undefined)
      call.startDeadline(deadlines, this.clock === deadlines.clock ? now : deadlines.clock());
    if (aborts !== undefined) call.listenTo(aborts);
  }

  #start(call: Call, work: Work, context: CallContext): Promise<unknown> {
    call.begin();
    let running: Promise<unknown>;
    try {
      const isLayer = context instanceof LayerContext;
      running = isLayer ? (work as LayerWork)(context) : startWork(work, context, this.hooks.logger);
    } catch (error) {
      return call.failAtOnce(error);
    }
    return call.follow(running);
  }

  #reject(code: number, now: number, asResult: boolean): Promise<unknown> {
    if (asResult) return rejectionResult(this, code, now, this.waitFor(now), this.#rejectionStack);
    return rejectedPromise(this.#rejection(code, now));
  }

  /** Emits the rejection of a call, and returns its error. */
  #rejection(code: number, now: number): CircuitOpenError {
    return rejectCall(this, code, now, this.waitFor(now), this.#rejectionStack);
  }

  // --- outcomes ---------------------------------------------------------------------------------------------------

  succeeded(permit: number, value: unknown, started: number, outer?: Classifier): void {
    const { code, openFor } = classifyValue(this.hooks.classifier ?? outer, value, this);
    this.#settle(permit, code, started, undefined, openFor);
  }

  failed(permit: number, error: unknown, started: number, outer?: Classifier, hasSignal = false): void {
    const classification = classifyError(this.hooks.errorClassifier ?? outer, error, this);
    const { code, openFor } = classification;
    if (isFailure(classification)) {
      this.keptError = summarizeError(error);
      if (callWatch !== undefined && !hasSignal && isAbortError(error))
        callWatch.onForeignAbort(this.name, this.hooks.logger);
    }
    this.#settle(permit, code, started, error, openFor);
  }

  timedOut(permit: number, started: number, context: CallContext): CallTimeoutError {
    const error = this.timeoutError(context);
    this.keptError = summarizeError(error);
    this.#settle(permit, OUTCOME.TIMEOUT, started, error, 0);
    return error;
  }

  timeoutError(context: CallContext): CallTimeoutError {
    const end = { cause: context.timeoutCause() };
    const error = createError(false, CallTimeoutError, this.name, this.#deadlines?.duration ?? 0, undefined, end);
    if (this.#rejectionStack) applyCallSite(error, context);
    return error;
  }

  settleReplay(permit: number, failed: boolean, reason: unknown): void {
    this.#settle(permit, failed ? OUTCOME.IGNORED : OUTCOME.SUCCESS, Number.NaN, reason, 0);
  }

  ignored(permit: number, reason: unknown, started: number): void {
    this.#settle(permit, OUTCOME.IGNORED, started, reason, 0);
  }

  /** Settles a call that was ended from outside. The engine judges a deadline by the time that the call had. */
  aborted(permit: number, reason: unknown, started: number): void {
    let outcome: number = OUTCOME.ABORTED;
    if (isDeadline(reason)) {
      outcome = this.isTimeout(this.clock() - started) ? OUTCOME.TIMEOUT : OUTCOME.IGNORED;
      if (outcome === OUTCOME.TIMEOUT) this.keptError = summarizeError(reason);
    }
    this.#settle(permit, outcome, started, reason, 0);
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
    const now = this.clock();
    if (this.isDisposed) {
      // Calls in flight still settle, and still time out.
      call.restart(UNCOUNTED_PERMIT, Number.NaN, this.#deadlines);
      return undefined;
    }
    const permit = this.admit(now);
    if (!call.isOpen) {
      // A listener has ended the call meanwhile.
      if (permit >= 0) this.withdraw(permit);
      return undefined;
    }
    if (permit >= 0) {
      call.restart(permit, now, this.#deadlines);
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
    if (listeners === undefined) return this.settleInEngine(permit, outcome, now, duration, openFor);
    listeners.decisions++;
    try {
      if ((this.word & ASK_MASK) !== 0) this.pollDue(now);
      emitOutcome(listeners, this.name, outcome, this.#measured ? duration : Number.NaN, error);
      this.settleInEngine(permit, outcome, now, duration, openFor);
      this.candidate?.observe(outcome, now, duration, openFor);
    } finally {
      listeners.decisions--;
      listeners.deliver();
    }
  }
}

/** Returns the context of work that nothing ends early. Nothing looks for the run around the work of the user itself. */
function innerContext(outer: LayerContext, call: Call, work: unknown): LayerContext {
  return work === invoke ? outer : outer.within(call);
}
