import { CallContext } from './call-context.ts';
import type { AbortSource, Follower } from './signals.ts';
import type { Holder } from './slot-holder.ts';
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
  readonly aborts: LayerContext | undefined;
  /** What is held until the work has really ended. */
  readonly capacity: Holder | undefined;
  readonly #attempt: number;
  #followers: Follower | Set<Follower> | undefined;
  #ended: { readonly reason: unknown } | undefined;
  #running: Promise<unknown> | undefined;
  #runningOn: Holder | undefined;

  private constructor(
    breaker: string,
    work: UserWork,
    options: PolicyCallOptions | undefined,
    aborts: LayerContext | true | undefined,
    attempt: number,
    capacity: Holder | undefined,
  ) {
    super(breaker);
    this.work = work;
    this.options = options;
    this.aborts = aborts === true ? this : aborts;
    this.#attempt = attempt;
    this.capacity = capacity;
  }

  /** The context of a call, which its caller may abort or not. */
  static of(name: string, work: UserWork, options: PolicyCallOptions | undefined, abortable: boolean): LayerContext {
    return new LayerContext(name, work, options, abortable ? true : undefined, 1, undefined);
  }

  /** A context within this one, for a layer that may abort it. The layer hands on the aborts of this one. */
  within(breaker = this.breaker): LayerContext {
    return new LayerContext(breaker, this.work, this.options, true, this.#attempt, this.capacity);
  }

  /** This context as another attempt sees it. */
  attempting(attempt: number): LayerContext {
    if (attempt === this.#attempt) return this;
    return new LayerContext(this.breaker, this.work, this.options, this.aborts, attempt, this.capacity);
  }

  /** This context with something held. */
  holding(capacity: Holder): LayerContext {
    return new LayerContext(this.breaker, this.work, this.options, this.aborts, this.#attempt, capacity);
  }

  override get attempt(): number {
    return this.#attempt;
  }

  override get signal(): AbortSignal {
    const { aborts } = this;
    return aborts === undefined || aborts === this ? super.signal : aborts.signal;
  }

  /** The reason of the abort that has been; wrapped, for any value can be one. */
  get ended(): { readonly reason: unknown } | undefined {
    return this.aborts === undefined ? undefined : this.aborts.#ended;
  }

  /** The work runs. */
  runs(work: Promise<unknown>): void {
    const { aborts } = this;
    if (aborts === undefined) return;
    aborts.#running = work;
    aborts.#runningOn = this.capacity;
  }

  /** @param holder must know of the work that goes on. */
  override abort(reason: unknown, holder?: Holder): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason };
    super.abort(reason);
    if (this.#running !== undefined) {
      this.#runningOn?.hold(this.#running);
      holder?.hold(this.#running);
    }
    const followers = this.#followers;
    if (!(followers instanceof Set)) followers?.abort(reason, holder);
    else for (const follower of followers) follower.abort(reason, holder);
  }

  follow(follower: Follower): void {
    if (this.#ended !== undefined) follower.abort(this.#ended.reason);
    else if (this.#followers === undefined) this.#followers = follower;
    else if (this.#followers instanceof Set) this.#followers.add(follower);
    else this.#followers = new Set([this.#followers, follower]);
  }

  leave(follower: Follower): void {
    if (this.#followers instanceof Set) this.#followers.delete(follower);
    else if (this.#followers === follower) this.#followers = undefined;
  }
}
