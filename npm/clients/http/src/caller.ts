import { find } from './findings.ts';
import { repeatNoMore } from './routes.ts';

/**
 * Who made a request, and may abort it: then the request ends and counts neither way. A time of the caller's own that is over
 * (`AbortSignal.timeout`) is another matter: the dependency was too slow, which is for the breaker to judge.
 */
export class Caller {
  /** Aborts when the caller leaves, but not where the dependency was too slow. */
  readonly signal: AbortSignal | undefined;
  /** Exchanges of which the head is still to come. */
  waiting = 0;
  readonly #given: AbortSignal | undefined;
  readonly #stop: (() => void) | undefined;

  /** @param errorFor what a request rejects with whose caller left for a reason. Default: the reason. */
  constructor(given: AbortSignal | undefined, errorFor = (reason: unknown) => reason) {
    this.#given = given;
    if (given === undefined) return;
    const leaving = new AbortController();
    this.signal = leaving.signal;
    this.#stop = follow(given, (reason) => {
      if (this.waiting > 0 && find(reason)?.kind === 'timeout') repeatNoMore(reason as object);
      else leaving.abort(errorFor(reason));
    });
  }

  /** Whether the caller has aborted, for whichever reason. */
  get hasLeft(): boolean {
    return this.#given?.aborted === true;
  }

  /** The request is over. */
  end(): void {
    this.#stop?.();
  }
}

/** Has `abort` told when a signal aborts, or has. Returns what ends that. */
export function follow(signal: AbortSignal, abort: (reason: unknown) => void): () => void {
  const onAbort = () => abort(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}
