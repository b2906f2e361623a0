import { CallContext } from '../context.ts';
import type { AbortSource, Follower } from '../signals.ts';
import type { Capacity } from './capacity.ts';

/**
 * The context of a call on its way through layers. A layer that may end the call before its work does opens a context
 * within the one it was given; an abort goes inwards from there. No signal is made for it unless somebody reads one.
 */
export class LayerContext extends CallContext implements AbortSource {
  /** Whether this context, or one around it, may be aborted. */
  readonly abortable: boolean;
  /** What is held until the work has really ended. */
  readonly capacity: Capacity | undefined;
  readonly #attempt: number;
  #followers: Set<Follower> | undefined;
  #ended: { readonly reason: unknown } | undefined;

  constructor(breaker: string, abortable: boolean, attempt: number, capacity: Capacity | undefined) {
    super(breaker);
    this.abortable = abortable;
    this.#attempt = attempt;
    this.capacity = capacity;
  }

  override get attempt(): number {
    return this.#attempt;
  }

  /** A context within this one, for a layer that may abort it. The layer hands on the aborts of this one. */
  within(breaker = this.breaker): LayerContext {
    return new LayerContext(breaker, true, this.#attempt, this.capacity);
  }

  /** This context itself where it may be aborted; nothing needs to be followed where it may not. */
  get aborts(): LayerContext | undefined {
    return this.abortable ? this : undefined;
  }

  /** The reason of the abort that has been; wrapped, for any value can be one. */
  get ended(): { readonly reason: unknown } | undefined {
    return this.#ended;
  }

  override abort(reason: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason };
    super.abort(reason);
    for (const follower of this.#followers ?? []) follower.abort(reason);
  }

  follow(follower: Follower): void {
    (this.#followers ??= new Set()).add(follower);
  }

  leave(follower: Follower): void {
    this.#followers?.delete(follower);
  }
}
