import { defaultClock } from '../../time/clock.ts';
import { LIMIT_STATS, LIMIT_STATS_LENGTH, POLICY } from '../../engine/codes.ts';
import { isCallTimeoutError } from '../../errors.ts';
import { readPredicateResult } from '../../breaker/classification.ts';
import { reportFault } from '../../logging.ts';
import { Limiter } from '../bulkhead/limiter.ts';
import type { LimiterStats } from '../bulkhead/limiter.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { partOf } from '../policy-handle.ts';
import type { Part } from '../policy-handle.ts';
import type { Place } from '../bulkhead/slot.ts';
import { statusOf } from '../acceptance.ts';

/** How many calls may be under way, found out from how long they take. */
export interface AdaptiveLimitOptions {
  /** Names the policy in errors and stats. Default `'adaptiveLimit'`. */
  readonly name?: string | undefined;
  /** Which formula moves the limit, after Netflix concurrency-limits. Default `'gradient'`. */
  readonly algorithm?: 'gradient' | 'vegas' | undefined;
  /** The limit at the beginning. Default 20. */
  readonly initial?: number | undefined;
  /** What it never falls below. Default 1. */
  readonly min?: number | undefined;
  /** What it never exceeds. Default 200. */
  readonly max?: number | undefined;
  /** For how long calls are looked at before the limit is thought over, in milliseconds. Default 1 000. */
  readonly window?: number | undefined;
  /** How many calls are looked at, at least. Default 20. */
  readonly minimumSamples?: number | undefined;
  /** How many calls may wait for a place: 0 to 1 000 000. Default 0. */
  readonly queueSize?: number | undefined;
  /** How long each may wait, in milliseconds: 1 to 2 147 483 647. Default: as long as it takes. */
  readonly queueTimeout?: number | undefined;
  /**
   * Whether a call that rejected with this error was dropped because the dependency was too busy, said at once. Such a call
   * pushes the limit down; one that failed otherwise says nothing. Default: calls that took too long, and the statuses 408,
   * 429, 503 and 504. If this throws, the call says nothing and the fault is reported.
   */
  readonly isDropped?: ((error: unknown) => boolean) | undefined;
}

/** What an adaptive limit has seen. */
export interface AdaptiveLimitStats extends LimiterStats {
  /** Calls that pushed the limit down because they were dropped. */
  readonly totalDropped: number;
  /** `isDropped` that threw or gave no answer. */
  readonly predicateErrors: number;
}

const TOO_BUSY: readonly unknown[] = [408, 429, 503, 504];

const row = new Float64Array(LIMIT_STATS_LENGTH);

/** Lets as many calls be under way as the dependency can take. */
export class AdaptiveLimit extends Limiter {
  /** @internal */
  readonly kind = 'limit';
  readonly #limit: Part;
  readonly #isDropped: (error: unknown) => boolean;
  #current = 0;
  #totalDropped = 0;
  #predicateErrors = 0;

  /** @internal */
  constructor(
    name: string,
    limit: Part,
    places: Part,
    queueTimeout: number | undefined,
    isDropped: (error: unknown) => boolean,
  ) {
    super(name, places, queueTimeout);
    this.#limit = limit;
    this.#isDropped = isDropped;
    limit.read(row);
    this.#follow(row[LIMIT_STATS.limit] as number);
  }

  /** Everything that is counted, as of now. */
  override getStats(): AdaptiveLimitStats {
    return { ...super.getStats(), totalDropped: this.#totalDropped, predicateErrors: this.#predicateErrors };
  }

  /** @internal */
  override began(place: Place): void {
    place.inFlight = this.running;
    place.began = defaultClock();
  }

  /** @internal */
  override ended(place: Place, failed: boolean, error: unknown): void {
    if (!failed) {
      this.#sample(place, 0);
      return;
    }
    const told = place.context?.aborted;
    if (!this.#wasDropped(told === undefined ? error : told.reason)) return;
    this.#totalDropped++;
    this.#sample(place, 1);
  }

  #sample({ began, inFlight }: Place, dropped: number): void {
    const { engine, handle } = this.#limit;
    const now = defaultClock();
    this.#follow(engine.sample(handle, now - began, inFlight, dropped, now));
  }

  #follow(limit: number): void {
    if (limit === this.#current) return;
    this.#current = limit;
    this.setLimit(limit);
  }

  #wasDropped(error: unknown): boolean {
    try {
      return readPredicateResult('isDropped', this.#isDropped(error));
    } catch (fault) {
      if (this.#predicateErrors++ === 0) {
        reportFault(undefined, `Policy ${this.name}: isDropped failed, the call says nothing`, fault);
      }
      return false;
    }
  }
}

/**
 * Lets as many calls be under way as the dependency can take, which it learns from how long they take: the limit grows while
 * they stay as fast as without load, and falls when they queue up. Formulas, and what was changed about them so that the
 * limit cannot drift, are in `crates/limits-core/src/adaptive/mod.rs`. Calls without a place wait or are rejected as those of a
 * {@link bulkhead} are, and it goes to the same place: inside of the breaker, around the attempt timeout.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function adaptiveLimit(options: AdaptiveLimitOptions = {}): AdaptiveLimit {
  const reader = readPolicyOptions('adaptiveLimit', options);
  const isDropped = (reader.callable('isDropped') as AdaptiveLimitOptions['isDropped']) ?? wasTooBusy;
  const queueTimeout = reader.milliseconds('queueTimeout');
  const places = partOf(reader, POLICY.BULKHEAD, { queueSize: reader.value('queueSize') });
  const limit = partOf(reader, POLICY.LIMIT);
  return new AdaptiveLimit(reader.finish(), limit, places, queueTimeout, isDropped);
}

function wasTooBusy(error: unknown): boolean {
  return isCallTimeoutError(error) || TOO_BUSY.includes(statusOf(error));
}
