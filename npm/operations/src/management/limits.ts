import { rateLimit, RateLimitedError } from 'fusewire';
import type { Clock, RateLimit } from 'fusewire';
import { RequestProblem } from './problem.ts';

/** Most actors whose requests are counted. */
const MOST_ACTORS = 1_000;

/** Limits the requests of each actor in a minute. */
export class RequestLimits {
  readonly #limit: number | false;
  readonly #what: string;
  readonly #clock: Clock | undefined;
  /** Limits in the order of their last use, the oldest first. */
  readonly #limits = new Map<string, RateLimit>();

  /** @param limit requests in a minute, or false for any number. */
  constructor(what: string, limit: number | false, clock: Clock | undefined) {
    this.#what = what;
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Rejects a request of an actor who has sent too many. */
  async check(who: string): Promise<void> {
    if (this.#limit === false) return;
    try {
      await this.#of(who, this.#limit).execute(() => undefined);
    } catch (error) {
      if (!(error instanceof RateLimitedError)) throw error;
      throw new RequestProblem('too-many-requests', `You may send ${this.#limit} ${this.#what} requests in a minute`, {
        headers: { 'retry-after': String(error.retryAfterSeconds) },
      });
    }
  }

  #of(who: string, limit: number): RateLimit {
    const known = this.#limits.get(who);
    const its =
      known ??
      rateLimit({ name: 'management', limit, per: 60_000, ...(this.#clock !== undefined && { clock: this.#clock }) });
    this.#limits.delete(who);
    if (this.#limits.size >= MOST_ACTORS)
      for (const oldest of this.#limits.keys()) {
        this.#limits.delete(oldest);
        break;
      }
    this.#limits.set(who, its);
    return its;
  }
}
