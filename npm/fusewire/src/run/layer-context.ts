import type { CallClassifier } from '../classification/classifier.ts';
import type { Clock } from '../time/clock.ts';
import { CallContext } from './call-context.ts';
import type { AbortSource, AbortListener } from './abort-signals.ts';
import type { PolicyCallOptions, UserWork } from './call-options.ts';
import type { Run } from './run.ts';

/** Limit for the duration of a call in the layers inside. */
export interface TimeLimit {
  readonly clock: Clock;
  /** Time of the clock at which the call ends. */
  readonly deadline: number;
  /** Returns the error of a call whose next attempt could only begin after the deadline. */
  errorBeforeAttempt(delay: number, lastError: unknown): Error;
}

/**
 * Context of a call in the layers of a pipeline. A run that may end early creates a child context, and aborts it to end
 * what runs inside: the runs that have subscribed to it, and the signal of the work, which is created only if somebody
 * reads it.
 */
export class LayerContext extends CallContext implements AbortSource {
  /** Work of the caller. */
  readonly work: UserWork;
  readonly options: PolicyCallOptions | undefined;
  /** Innermost run around what runs in this context. */
  readonly run: Run | undefined;
  /** Innermost context whose abort also ends this one: itself, an outer one, or none. */
  readonly abortSource: LayerContext | undefined;
  /** Limit of the outer layers that ends first. */
  timeLimit: TimeLimit | undefined;
  /** Classifier of the pipeline, which holds for every layer without one of its own. */
  classifier: CallClassifier | undefined;
  readonly #attempt: number;
  #listeners: AbortListener | Set<AbortListener> | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  private constructor(
    breaker: string,
    work: UserWork,
    options: PolicyCallOptions | undefined,
    run: Run | undefined,
    aborts: LayerContext | true | undefined,
    attempt: number,
    timeLimit?: TimeLimit,
  ) {
    super(breaker);
    this.work = work;
    this.options = options;
    this.run = run;
    this.abortSource = aborts === true ? this : aborts;
    this.#attempt = attempt;
    this.timeLimit = timeLimit;
    this.classifier = undefined;
  }

  /** Creates the context of a new call. @param run run that may end it early, if there is one. */
  static of(
    name: string,
    work: UserWork,
    options: PolicyCallOptions | undefined,
    run?: Run,
    attempt = 1,
  ): LayerContext {
    return new LayerContext(name, work, options, run, run === undefined ? undefined : true, attempt);
  }

  /** Creates the context of what runs in a run that may end early. */
  createChild(run: Run, breaker = this.breaker): LayerContext {
    return this.#copy(breaker, this.options, run, true, this.#attempt);
  }

  /** Returns this context inside a run that never ends early by itself, if there is one. */
  within(run: Run | undefined): LayerContext {
    return this.#copy(this.breaker, this.options, run, this.abortSource, this.#attempt);
  }

  /** Returns this context with another attempt number. */
  forAttempt(attempt: number): LayerContext {
    if (attempt === this.#attempt) return this;
    return this.#copy(this.breaker, this.options, this.run, this.abortSource, attempt);
  }

  /** Returns this context for layers that go by a classifier. */
  withClassifier(classifier: CallClassifier | undefined): LayerContext {
    const copy = this.within(this.run);
    copy.classifier = classifier;
    return copy;
  }

  /** Returns this context with other call options. */
  withOptions(options: PolicyCallOptions): LayerContext {
    return this.#copy(this.breaker, options, this.run, this.abortSource, this.#attempt);
  }

  #copy(
    breaker: string,
    options: PolicyCallOptions | undefined,
    run: Run | undefined,
    aborts: LayerContext | true | undefined,
    attempt: number,
  ): LayerContext {
    const copy = new LayerContext(breaker, this.work, options, run, aborts, attempt, this.timeLimit);
    if (this.classifier !== undefined) copy.classifier = this.classifier;
    return copy;
  }

  override get attempt(): number {
    return this.#attempt;
  }

  override get signal(): AbortSignal {
    const { abortSource } = this;
    return abortSource === undefined || abortSource === this ? super.signal : abortSource.signal;
  }

  override get missedAbort(): { readonly reason: unknown } | undefined {
    const { abortSource } = this;
    return abortSource === undefined || abortSource === this ? super.missedAbort : abortSource.missedAbort;
  }

  /** Limits the call to `duration` milliseconds, unless an outer limit ends first. The limits may have different clocks. */
  limitBy(limit: TimeLimit, duration: number): void {
    const outer = this.timeLimit;
    const outerEndsFirst =
      outer !== undefined &&
      (outer.clock === limit.clock ? outer.deadline <= limit.deadline : this.endsWithin(duration));
    if (!outerEndsFirst) this.timeLimit = limit;
  }

  /** Whether a timeout policy around the call ends it before so many milliseconds have passed. */
  endsWithin(delay: number): boolean {
    const { timeLimit } = this;
    return timeLimit !== undefined && !(timeLimit.clock() + delay < timeLimit.deadline);
  }

  /** Reason of the abort, if there was one. It is wrapped, because any value can be a reason. */
  get aborted(): { readonly reason: unknown } | undefined {
    return this.abortSource === undefined ? undefined : this.abortSource.#aborted;
  }

  /** Ends the runs that have subscribed, and then aborts the signal of the work. */
  override abort(reason: unknown): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    const listeners = this.#listeners;
    try {
      if (!(listeners instanceof Set)) listeners?.abort(reason);
      else for (const listener of listeners) listener.abort(reason);
    } finally {
      super.abort(reason);
    }
  }

  /** Returns the cause of the innermost run that waits. Runs subscribe from the outside to the inside. */
  override timeoutCause(): unknown {
    const listeners = this.#listeners;
    if (!(listeners instanceof Set)) return listeners?.timeoutCause();
    return Array.from(listeners, (listener) => listener.timeoutCause()).findLast((cause) => cause !== undefined);
  }

  subscribe(listener: AbortListener): void {
    if (this.#aborted !== undefined) listener.abort(this.#aborted.reason);
    else if (this.#listeners === undefined) this.#listeners = listener;
    else if (this.#listeners instanceof Set) this.#listeners.add(listener);
    else this.#listeners = new Set([this.#listeners, listener]);
  }

  unsubscribe(listener: AbortListener): void {
    if (this.#listeners instanceof Set) this.#listeners.delete(listener);
    else if (this.#listeners === listener) this.#listeners = undefined;
  }
}
