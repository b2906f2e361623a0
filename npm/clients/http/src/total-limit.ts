import { BulkheadFullError, CallTimeoutError } from 'fusewire';
import { onAbort } from './caller.ts';

/**
 * Limit for a whole request: all attempts, the waits between them, and redirects, until the last response begins. An attempt
 * that begins early enough costs no timer, because its own timeout ends it before.
 */
export class TotalLimit {
  readonly #duration: number;
  readonly #start = performance.now();

  /** @param duration milliseconds from now. */
  constructor(duration: number) {
    this.#duration = duration;
  }

  /** Milliseconds until the limit, at least 0. */
  get remaining(): number {
    return Math.max(0, this.#start + this.#duration - performance.now());
  }

  /** Returns the error of a request that took too long. `cause` is the error of its last attempt. */
  error(cause?: unknown): CallTimeoutError {
    return new CallTimeoutError(NAME, this.#duration, 'Client', { cause });
  }

  /** Returns the error of a request that failed with `error`: the one of this limit, if an attempt has ended because of it. */
  errorFor(error: unknown): unknown {
    const isCutOff =
      error instanceof CallTimeoutError || (error instanceof BulkheadFullError && error.reason === 'queue-timeout');
    return isCutOff && this.remaining < ROUNDING && !(error instanceof CallTimeoutError && error.policy === NAME)
      ? this.error(error)
      : error;
  }

  /** Aborts a new signal at the limit, with the error that `errorOf` returns, and when `signal` aborts. */
  start(signal: AbortSignal | undefined, errorOf: () => unknown): RunningLimit {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(errorOf()), Math.ceil(this.remaining));
    const stopListening =
      signal === undefined ? undefined : onAbort(signal, (reason: unknown) => controller.abort(reason));
    return { signal: controller.signal, stopTimer: () => clearTimeout(timer), stopListening };
  }
}

/** Name in the error of the limit. */
const NAME = 'protectedFetch';
/** Timers may be early by less than this many milliseconds. */
const ROUNDING = 1;

/** Limit with a timer that runs. */
interface RunningLimit {
  readonly signal: AbortSignal;
  readonly stopTimer: () => void;
  readonly stopListening: (() => void) | undefined;
}
