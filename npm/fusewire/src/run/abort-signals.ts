import type { SlotHolder } from './slot-holder.ts';

/** A call that ends when its caller's signal aborts. */
export interface AbortListener {
  /** @param holder must know of work that goes on all the same. */
  abort(reason: unknown, holder?: SlotHolder): void;
}

/** Where an abort comes from. */
export interface AbortSource {
  /** Has `follower` told of an abort that is still to come. */
  subscribe(follower: AbortListener): void;
  unsubscribe(follower: AbortListener): void;
}

/** All calls in flight under one signal: they share one listener on it, which is there only while there are any. */
export class SignalSource implements AbortSource {
  readonly #signal: AbortSignal;
  readonly #followers = new Set<AbortListener>();

  private constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  static readonly #sources = new WeakMap<AbortSignal, SignalSource>();

  /** The link of that signal. */
  static of(signal: AbortSignal): SignalSource {
    let link = SignalSource.#sources.get(signal);
    if (link === undefined) SignalSource.#sources.set(signal, (link = new SignalSource(signal)));
    return link;
  }

  subscribe(follower: AbortListener): void {
    if (this.#followers.size === 0) this.#signal.addEventListener('abort', this.#onAbort);
    this.#followers.add(follower);
  }

  unsubscribe(follower: AbortListener): void {
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
