import type { SlotHolder } from './slot-holder.ts';

/** What a call is told. */
export class CallContext {
  /** The name of the breaker; of the pipeline or the policy where the work is right inside it. */
  readonly breaker: string;
  #signal: AbortController | Aborted | undefined;

  /** @internal */
  constructor(breaker: string) {
    this.breaker = breaker;
  }

  /**
   * Aborts when the call times out, with the `CallTimeoutError` as reason, or when the caller's own signal aborts,
   * with its reason. It is made when it is first read.
   */
  get signal(): AbortSignal {
    const known = this.#signal;
    if (known instanceof AbortController) return known.signal;
    const controller = new AbortController();
    this.#signal = controller;
    if (known !== undefined) controller.abort(known.reason);
    return controller.signal;
  }

  /** Which attempt this is: 1, and more where a retry is around it. */
  get attempt(): number {
    return 1;
  }

  /** @internal */
  abort(reason: unknown, _holder?: SlotHolder): void {
    if (this.#signal instanceof AbortController) this.#signal.abort(reason);
    else this.#signal = new Aborted(reason);
  }
}

/** Marks a signal that aborted before anybody read it. */
class Aborted {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}
