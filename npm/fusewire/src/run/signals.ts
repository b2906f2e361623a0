import type { Holder } from './slot-holder.ts';

/** A call that ends when its caller's signal aborts. */
export interface Follower {
  /** @param holder must know of work that goes on all the same. */
  abort(reason: unknown, holder?: Holder): void;
}

/** Where an abort comes from. */
export interface AbortSource {
  /** Has `follower` told of an abort that is still to come. */
  follow(follower: Follower): void;
  leave(follower: Follower): void;
}

/** All calls in flight under one signal: they share one listener on it, which is there only while there are any. */
export class SignalLink implements AbortSource {
  readonly #signal: AbortSignal;
  readonly #followers = new Set<Follower>();

  private constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  static readonly #links = new WeakMap<AbortSignal, SignalLink>();

  /** The link of that signal. */
  static of(signal: AbortSignal): SignalLink {
    let link = SignalLink.#links.get(signal);
    if (link === undefined) SignalLink.#links.set(signal, (link = new SignalLink(signal)));
    return link;
  }

  follow(follower: Follower): void {
    if (this.#followers.size === 0) this.#signal.addEventListener('abort', this.#onAbort);
    this.#followers.add(follower);
  }

  leave(follower: Follower): void {
    this.#followers.delete(follower);
    if (this.#followers.size === 0) this.#signal.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    for (const follower of this.#followers) follower.abort(this.#signal.reason);
  };
}

/** Whether it works as an `AbortSignal`, of whichever realm or polyfill. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function'
  );
}
