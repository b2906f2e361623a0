import { classifyError } from './classification.ts';
import { repeatNoMore } from './final-errors.ts';

/**
 * Caller of a request. When it aborts, the request ends and counts neither as a failure nor as a success. A timeout of the
 * caller (`AbortSignal.timeout`) that expires before the response has begun is different: it counts as a failure.
 */
export class Caller {
  /** Aborts when the caller aborts, except for a timeout that expires while a response is awaited. */
  readonly signal: AbortSignal | undefined;
  /** Number of attempts whose response has not begun. */
  waiting = 0;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #stopListening: (() => void) | undefined;

  /** @param errorFor returns the error that an aborted request rejects with. Default: the reason of the abort. */
  constructor(callerSignal: AbortSignal | undefined, errorFor = (reason: unknown) => reason) {
    this.#callerSignal = callerSignal;
    if (callerSignal === undefined) return;
    const controller = new AbortController();
    this.signal = controller.signal;
    this.#stopListening = onAbort(callerSignal, (reason) => {
      if (this.waiting > 0 && classifyError(reason)?.kind === 'timeout') repeatNoMore(reason as object);
      else controller.abort(errorFor(reason));
    });
  }

  /** Whether the caller has aborted, for any reason. */
  get hasLeft(): boolean {
    return this.#callerSignal?.aborted === true;
  }

  /** Removes the listener from the caller's signal. Call it when the request is over. */
  end(): void {
    this.#stopListening?.();
  }
}

/** Calls a listener when a signal aborts, at once if it already has. Returns a function that removes the listener. */
export function onAbort(signal: AbortSignal, listener: (reason: unknown) => void): () => void {
  const handleAbort = () => listener(signal.reason);
  if (signal.aborted) handleAbort();
  else signal.addEventListener('abort', handleAbort, { once: true });
  return () => signal.removeEventListener('abort', handleAbort);
}
