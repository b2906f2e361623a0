import { CallContext } from './call-context.ts';
import type { AbortSource, AbortListener } from './abort-signals.ts';
import type { SlotHolder } from './slot-holder.ts';
import type { PolicyCallOptions, UserWork } from './call-options.ts';

/** Limit for the duration of a call in the layers inside. */
export interface TimeLimit {
  /** Time of the clock at which the call ends. */
  readonly deadline: number;
  /** Returns the error of a call whose next attempt could only begin after the deadline. */
  errorBeforeAttempt(delay: number, lastError: unknown): Error;
}

/**
 * Context of a call in the layers of a pipeline. A layer that may end the call early creates a child context, and aborts it
 * to end the call. The abort reaches every layer inside. A signal is created only if somebody reads it.
 */
export class LayerContext extends CallContext implements AbortSource {
  /** Work of the caller. */
  readonly work: UserWork;
  readonly options: PolicyCallOptions | undefined;
  /** Innermost context whose abort also ends this one: itself, an outer one, or none. */
  readonly abortSource: LayerContext | undefined;
  /** Holder of a slot until the work has settled. */
  readonly slotHolder: SlotHolder | undefined;
  /** Limit of the outer layers that ends first. */
  timeLimit: TimeLimit | undefined;
  readonly #attempt: number;
  #listeners: AbortListener | Set<AbortListener> | undefined;
  #aborted: { readonly reason: unknown } | undefined;
  #running: Promise<unknown> | undefined;
  #runningHolder: SlotHolder | undefined;

  private constructor(
    breaker: string,
    work: UserWork,
    options: PolicyCallOptions | undefined,
    aborts: LayerContext | true | undefined,
    attempt: number,
    slotHolder: SlotHolder | undefined,
    timeLimit?: TimeLimit,
  ) {
    super(breaker);
    this.work = work;
    this.options = options;
    this.abortSource = aborts === true ? this : aborts;
    this.#attempt = attempt;
    this.slotHolder = slotHolder;
    this.timeLimit = timeLimit;
  }

  /** Creates the context of a new call. `abortable` is true if the caller has passed a signal. */
  static of(name: string, work: UserWork, options: PolicyCallOptions | undefined, abortable: boolean): LayerContext {
    return new LayerContext(name, work, options, abortable ? true : undefined, 1, undefined);
  }

  /** Creates a context for a layer that may abort it. The layer must pass the aborts of this context on to it. */
  createChild(breaker = this.breaker): LayerContext {
    return this.#copy(breaker, this.options, true, this.#attempt, this.slotHolder);
  }

  /** Returns this context with another attempt number. */
  forAttempt(attempt: number): LayerContext {
    if (attempt === this.#attempt) return this;
    return this.#copy(this.breaker, this.options, this.abortSource, attempt, this.slotHolder);
  }

  /** Returns this context with a slot holder. */
  withSlotHolder(slotHolder: SlotHolder): LayerContext {
    return this.#copy(this.breaker, this.options, this.abortSource, this.#attempt, slotHolder);
  }

  /** Returns this context with other call options. */
  withOptions(options: PolicyCallOptions): LayerContext {
    return this.#copy(this.breaker, options, this.abortSource, this.#attempt, this.slotHolder);
  }

  #copy(
    breaker: string,
    options: PolicyCallOptions | undefined,
    aborts: LayerContext | true | undefined,
    attempt: number,
    slotHolder: SlotHolder | undefined,
  ): LayerContext {
    return new LayerContext(breaker, this.work, options, aborts, attempt, slotHolder, this.timeLimit);
  }

  override get attempt(): number {
    return this.#attempt;
  }

  override get signal(): AbortSignal {
    const { abortSource } = this;
    return abortSource === undefined || abortSource === this ? super.signal : abortSource.signal;
  }

  /** Reason of the abort, if there was one. It is wrapped, because any value can be a reason. */
  get aborted(): { readonly reason: unknown } | undefined {
    return this.abortSource === undefined ? undefined : this.abortSource.#aborted;
  }

  /** Records the running work, so that an abort can keep its slot until it settles. */
  trackWork(work: Promise<unknown>): void {
    const { abortSource } = this;
    if (abortSource === undefined) return;
    abortSource.#running = work;
    abortSource.#runningHolder = this.slotHolder;
  }

  /** @param holder keeps its slot until work that still runs has settled. */
  override abort(reason: unknown, holder?: SlotHolder): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    super.abort(reason);
    if (this.#running !== undefined) {
      this.#runningHolder?.hold(this.#running);
      holder?.hold(this.#running);
    }
    const listeners = this.#listeners;
    if (!(listeners instanceof Set)) listeners?.abort(reason, holder);
    else for (const listener of listeners) listener.abort(reason, holder);
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
