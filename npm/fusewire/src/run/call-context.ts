import { callInScope, captureScope } from './async-scope.ts';

/** Context that the work of a call receives. */
export class CallContext {
  /** Name of the innermost breaker around the work; without one, of the policy or pipeline that runs it. */
  readonly breaker: string;
  #signal: CallSignal | Aborted | undefined;

  /** @internal */
  constructor(breaker: string) {
    this.breaker = breaker;
  }

  /**
   * Signal that aborts when the call times out, or when the caller's own signal aborts. The reason is the `CallTimeoutError`,
   * or that of the caller's signal. The signal is created when it is first read, and its listeners run in the async context of
   * that reading.
   */
  get signal(): AbortSignal {
    const known = this.#signal;
    if (known instanceof CallSignal) return known.controller.signal;
    const created = new CallSignal();
    this.#signal = created;
    if (known !== undefined) created.controller.abort(known.reason);
    return created.controller.signal;
  }

  /** Number of this attempt: 1, or more under a retry. */
  get attempt(): number {
    return 1;
  }

  /** Reason of the abort that has ended the call, if nobody had read the signal until then. @internal */
  get missedAbort(): { readonly reason: unknown } | undefined {
    return this.#signal instanceof Aborted ? this.#signal : undefined;
  }

  /** Returns the error that says what the call waits for, for the error of a timeout. @internal */
  timeoutCause(): unknown {
    return undefined;
  }

  /** @internal */
  abort(reason: unknown): void {
    if (this.#signal instanceof CallSignal) this.#signal.abort(reason);
    else this.#signal = new Aborted(reason);
  }
}

/** Signal that the work has read. */
class CallSignal {
  readonly controller = new AbortController();
  readonly #scope = captureScope();

  abort(reason: unknown): void {
    callInScope(this.#scope, () => this.controller.abort(reason));
  }
}

/** Reason of an abort that happened before the signal was first read. */
class Aborted {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}
