import { CallContext } from './call-context.ts';
import type { AbortSource, AbortListener } from './abort-signals.ts';
import type { SlotHolder } from './slot-holder.ts';
import type { PolicyCallOptions, UserWork } from './call-options.ts';

/**
 * The context of a call on its way through layers. A layer that may end the call before its work does opens a context
 * within the one it was given, and aborts it when it does; the abort goes inwards from there. No signal is made for it
 * unless somebody reads one.
 */
export class LayerContext extends CallContext implements AbortSource {
  /** What the caller gave. */
  readonly work: UserWork;
  readonly options: PolicyCallOptions | undefined;
  /** The innermost context whose abort is that of this one too: itself, one around it, or none. */
  readonly abortSource: LayerContext | undefined;
  /** What is held until the work has really ended. */
  readonly slotHolder: SlotHolder | undefined;
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
    capacity: SlotHolder | undefined,
  ) {
    super(breaker);
    this.work = work;
    this.options = options;
    this.abortSource = aborts === true ? this : aborts;
    this.#attempt = attempt;
    this.slotHolder = capacity;
  }

  /** The context of a call, which its caller may abort or not. */
  static of(name: string, work: UserWork, options: PolicyCallOptions | undefined, abortable: boolean): LayerContext {
    return new LayerContext(name, work, options, abortable ? true : undefined, 1, undefined);
  }

  /** A context within this one, for a layer that may abort it. The layer hands on the aborts of this one. */
  createChild(breaker = this.breaker): LayerContext {
    return new LayerContext(breaker, this.work, this.options, true, this.#attempt, this.slotHolder);
  }

  /** This context as another attempt sees it. */
  forAttempt(attempt: number): LayerContext {
    if (attempt === this.#attempt) return this;
    return new LayerContext(this.breaker, this.work, this.options, this.abortSource, attempt, this.slotHolder);
  }

  /** This context with something held. */
  withSlotHolder(capacity: SlotHolder): LayerContext {
    return new LayerContext(this.breaker, this.work, this.options, this.abortSource, this.#attempt, capacity);
  }

  /** Returns this context with other call options. */
  withOptions(options: PolicyCallOptions): LayerContext {
    return new LayerContext(this.breaker, this.work, options, this.abortSource, this.#attempt, this.slotHolder);
  }

  override get attempt(): number {
    return this.#attempt;
  }

  override get signal(): AbortSignal {
    const { abortSource } = this;
    return abortSource === undefined || abortSource === this ? super.signal : abortSource.signal;
  }

  /** The reason of the abort that has been; wrapped, for any value can be one. */
  get aborted(): { readonly reason: unknown } | undefined {
    return this.abortSource === undefined ? undefined : this.abortSource.#aborted;
  }

  /** The work runs. */
  trackWork(work: Promise<unknown>): void {
    const { abortSource } = this;
    if (abortSource === undefined) return;
    abortSource.#running = work;
    abortSource.#runningHolder = this.slotHolder;
  }

  /** @param holder must know of the work that goes on. */
  override abort(reason: unknown, holder?: SlotHolder): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    super.abort(reason);
    if (this.#running !== undefined) {
      this.#runningHolder?.hold(this.#running);
      holder?.hold(this.#running);
    }
    const followers = this.#listeners;
    if (!(followers instanceof Set)) followers?.abort(reason, holder);
    else for (const follower of followers) follower.abort(reason, holder);
  }

  subscribe(follower: AbortListener): void {
    if (this.#aborted !== undefined) follower.abort(this.#aborted.reason);
    else if (this.#listeners === undefined) this.#listeners = follower;
    else if (this.#listeners instanceof Set) this.#listeners.add(follower);
    else this.#listeners = new Set([this.#listeners, follower]);
  }

  unsubscribe(follower: AbortListener): void {
    if (this.#listeners instanceof Set) this.#listeners.delete(follower);
    else if (this.#listeners === follower) this.#listeners = undefined;
  }
}
