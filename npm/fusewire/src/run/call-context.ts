import type { SlotHolder } from './slot-holder.ts';

/** Context that the work of a call receives. */
export class CallContext {
  /** Name of the innermost breaker around the work; without one, of the policy or pipeline that runs it. */
  readonly breaker: string;
  #signal: AbortController | Aborted | undefined;

  /** @internal */
  constructor(breaker: string) {
    this.breaker = breaker;
  }

  /**
   * Signal that aborts when the call times out, with the `CallTimeoutError` as reason, or when the caller's own signal
   * aborts, with its reason. It is created when it is first read.
   */
  get signal(): AbortSignal {
    const known = this.#signal;
    if (known instanceof AbortController) return known.signal;
    const controller = new AbortController();
    this.#signal = controller;
    if (known !== undefined) controller.abort(known.reason);
    return controller.signal;
  }

  /** Number of this attempt: 1, or more under a retry. */
  get attempt(): number {
    return 1;
  }

  /** @internal */
  abort(reason: unknown, _holder?: SlotHolder): void {
    if (this.#signal instanceof AbortController) this.#signal.abort(reason);
    else this.#signal = new Aborted(reason);
  }
}

/** Reason of an abort that happened before the signal was first read. */
class Aborted {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}
