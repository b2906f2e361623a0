import type { TotalLimit } from './total-limit.ts';

/** Caller of a request. Its signal ends the request, and the breaker judges the reason. */
export class Caller {
  readonly signal: AbortSignal | undefined;
  /** Limit for the whole request, if there is one. */
  readonly limit: TotalLimit | undefined;

  constructor(signal: AbortSignal | undefined, limit: TotalLimit | undefined) {
    this.signal = signal;
    this.limit = limit;
  }

  /** Whether the caller has aborted, for any reason. */
  get hasLeft(): boolean {
    return this.signal?.aborted === true;
  }
}
