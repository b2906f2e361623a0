/** Receiver of an abort, such as a call whose caller aborts. */
export interface AbortListener {
  /** Ends the call. */
  abort(reason: unknown): void;
  /** Returns the error that says what the call waits for; undefined if there is none. */
  timeoutCause(): unknown;
}

/** Source of an abort: the signal of a caller, or the context of an outer layer. */
export interface AbortSource {
  /** Calls `listener` once: when the source aborts, or at once if it has aborted. */
  subscribe(listener: AbortListener): void;
  unsubscribe(listener: AbortListener): void;
}

/** Abort source of one signal. All its calls in flight share one event listener, which is removed with the last of them. */
export class SignalSource implements AbortSource {
  readonly #signal: AbortSignal;
  readonly #listeners = new Set<AbortListener>();

  private constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  static readonly #sources = new WeakMap<AbortSignal, SignalSource>();

  /** Returns the source of a signal. */
  static of(signal: AbortSignal): SignalSource {
    let source = SignalSource.#sources.get(signal);
    if (source === undefined) SignalSource.#sources.set(signal, (source = new SignalSource(signal)));
    return source;
  }

  subscribe(listener: AbortListener): void {
    if (this.#signal.aborted) return listener.abort(this.#signal.reason);
    if (this.#listeners.size === 0) this.#signal.addEventListener('abort', this.#onAbort);
    this.#listeners.add(listener);
  }

  unsubscribe(listener: AbortListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#signal.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    for (const listener of this.#listeners) listener.abort(this.#signal.reason);
  };
}

/** Whether a value works as an `AbortSignal`, also one of another realm or a polyfill. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function'
  );
}

/** Whether the reason of an abort says that a deadline has passed: it is named `TimeoutError` or `CallTimeoutError`. */
export function isDeadline(reason: unknown): boolean {
  const name = nameOf(reason);
  return name === 'TimeoutError' || name === 'CallTimeoutError';
}

/** Whether an error is an `AbortError`, such as that of `fetch`. */
export function isAbortError(error: unknown): boolean {
  return nameOf(error) === 'AbortError';
}

function nameOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    return (error as { readonly name?: unknown }).name;
  } catch {
    // A revoked proxy, say.
    return undefined;
  }
}
