/// <reference lib="esnext.disposable" preserve="true" />
import { SignalSource } from '../run/abort-signals.ts';
import type { AbortListener } from '../run/abort-signals.ts';
import { CallContext } from '../run/call-context.ts';

/** `Symbol.dispose`, which some runtimes lack. */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/**
 * Permit of one admitted call. It is settled once, by `succeed`, `fail` or `ignore`; every further settlement is ignored.
 *
 * The call timeout of the breaker applies: when it has passed, the call counts as a timeout, and `signal` aborts. A permit
 * that is dropped unsettled times out. Without a call timeout it counts neither way once it is garbage-collected.
 */
export interface Permit {
  /** Signal that aborts when the call times out, or when the caller's own signal aborts. A settlement does not abort it. */
  readonly signal: AbortSignal;
  /** Settles the call with its value. The option `isFailure` may still count it as a failure. */
  succeed(value?: unknown): void;
  /** Settles the call with its error, which the option `classify` classifies. */
  fail(error: unknown): void;
  /** Settles the call, so that it counts neither as a success nor as a failure. */
  ignore(): void;
  /** Ignores the call at the end of a `using` block, unless it has been settled. */
  [DISPOSE](): void;
}

/** Call of a permit. */
interface PermittedCall {
  workSucceeded(value: unknown): unknown;
  workFailed(error: unknown): unknown;
  drop(): void;
}

/** Ignores calls without a timeout whose permit was collected. A probe would be in flight for ever otherwise. */
const collections =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : new FinalizationRegistry<PermittedCall>((call) => call.drop());

/** Permit of a call of a circuit. The call does not refer to it. */
export class CallPermit implements Permit {
  readonly #context: CallContext;
  /** Undefined once it is settled, because another call may then reuse it. */
  #call: PermittedCall | undefined;

  constructor(call: PermittedCall, context: CallContext, isUnlimited: boolean) {
    this.#call = call;
    this.#context = context;
    if (isUnlimited) collections?.register(this, call, this);
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  succeed(value?: unknown): void {
    this.#take()?.workSucceeded(value);
  }

  fail(error: unknown): void {
    this.#take()?.workFailed(error);
  }

  ignore(): void {
    this.#take()?.drop();
  }

  [DISPOSE](): void {
    this.ignore();
  }

  #take(): PermittedCall | undefined {
    const call = this.#call;
    if (call === undefined) return undefined;
    this.#call = undefined;
    collections?.unregister(this);
    return call;
  }
}

/** Returns a permit of a disabled breaker. Nothing counts, and only the caller's signal aborts its signal. */
export function unprotectedPermit(name: string, signal: AbortSignal | undefined): Permit {
  const context = new CallContext(name);
  return new CallPermit(new UnprotectedCall(context, signal), context, false);
}

class UnprotectedCall implements PermittedCall, AbortListener {
  readonly #context: CallContext;
  readonly #source: SignalSource | undefined;

  constructor(context: CallContext, signal: AbortSignal | undefined) {
    this.#context = context;
    this.#source = signal && SignalSource.of(signal);
    this.#source?.subscribe(this);
  }

  workSucceeded(): void {
    this.drop();
  }

  workFailed(): void {
    this.drop();
  }

  drop(): void {
    this.#source?.unsubscribe(this);
  }

  abort(reason: unknown): void {
    this.drop();
    this.#context.abort(reason);
  }

  timeoutCause(): undefined {
    return undefined;
  }
}
