import { BulkheadFullError, CallTimeoutError } from 'fusewire';
import { onAbort } from './abort-listening.ts';

/**
 * Limit for a whole request: all attempts, the waits between them, and redirects, until the last response begins. An attempt
 * that begins early enough costs no timer, because its own timeout ends it before.
 */
export class TotalLimit {
  readonly #duration: number;
  readonly #start = now();

  /** @param duration milliseconds from now. */
  constructor(duration: number) {
    this.#duration = duration;
  }

  /** Milliseconds until the limit, at least 0. */
  get remaining(): number {
    return Math.max(0, this.#start + this.#duration - now());
  }

  /** Whether the limit has been reached. */
  get isOver(): boolean {
    return this.remaining < ROUNDING;
  }

  /** Returns the error of a request that took too long. `cause` is the error of its last attempt. */
  error(cause?: unknown): CallTimeoutError {
    return new CallTimeoutError(NAME, this.#duration, 'Client', { cause });
  }

  /** Returns the error of a request that failed with `error`: the one of this limit, if an attempt has ended because of it. */
  errorFor(error: unknown): unknown {
    const isCutOff =
      error instanceof CallTimeoutError || (error instanceof BulkheadFullError && error.reason === 'queue-timeout');
    return isCutOff && this.isOver && !(error instanceof CallTimeoutError && error.policy === NAME)
      ? this.error(error)
      : error;
  }

  /** Aborts a new signal when `signal` aborts, and at the limit with the error that `errorOf` returns, if it returns one. */
  start(signal: AbortSignal | undefined, errorOf: () => Error | undefined): RunningLimit {
    const controller = new AbortController();
    const expire = () => {
      const error = errorOf();
      if (error !== undefined) controller.abort(error);
    };
    const timer = setTimeout(expire, Math.ceil(this.remaining));
    const stopListening =
      signal === undefined ? undefined : onAbort(signal, (reason: unknown) => controller.abort(reason));
    return { signal: controller.signal, stopTimer: () => clearTimeout(timer), stopListening };
  }
}

const RealDate = globalThis.Date;

/** Returns the time of fusewire's default clock: that of fake timers while they are installed. */
function now(): number {
  return Date === RealDate ? performance.now() : Date.now();
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
