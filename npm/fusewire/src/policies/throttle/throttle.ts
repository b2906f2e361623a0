import { defaultClock } from '../../time/clock.ts';
import { POLICY } from '../../engine/codes.ts';
import { createError, ThrottledError } from '../../errors.ts';
import { readPredicateResult } from '../../breaker/classification.ts';
import { Rejection, rejectedPromise, whenSettled } from '../../run/promises.ts';
import { reportFault } from '../../logging.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { partOf, randomSeed } from '../policy-handle.ts';
import type { Part } from '../policy-handle.ts';
import { Policy } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';
import { isTakenOn } from '../acceptance.ts';

/** When calls are shed. */
export interface ThrottleOptions {
  /** Names the policy in errors and stats. Default `'throttle'`. */
  readonly name?: string | undefined;
  /**
   * How many times as many calls as the dependency takes on are made: K of the formula, 1 to 100. A higher one sheds later.
   * Default 2.
   */
  readonly multiplier?: number | undefined;
  /** How far back calls count, in milliseconds, longer than the longest call: 1 000 to 3 600 000. Default 120 000. */
  readonly window?: number | undefined;
  /** The largest share of calls that is shed, so that some always show how things are: 0 to 0.99. Default 0.9. */
  readonly maxRejection?: number | undefined;
  /** Calls that the window must hold before any is shed. Default 20. */
  readonly minimumRequests?: number | undefined;
  /** Where the row of random numbers starts: a whole number from 0. Default: anywhere. */
  readonly seed?: number | undefined;
  /**
   * Whether a call that rejected with this error was taken on all the same, said at once. Default: where it is the caller's own
   * mistake (a status of 4xx but 408 and 429) or abort, or a rejection by a policy inside. If this throws, it was not, and the
   * fault is reported.
   */
  readonly isAccepted?: ((error: unknown) => boolean) | undefined;
}

/** What a throttle has seen. */
export interface ThrottleStats {
  readonly name: string;
  /** Calls ever made: those shed, those taken on, those not taken on, and those in flight. */
  readonly totalCalls: number;
  /** Calls that were shed. */
  readonly totalThrottled: number;
  /** Calls that the dependency took on. */
  readonly totalAccepted: number;
  /** Calls that it did not. */
  readonly totalUnaccepted: number;
  readonly inFlight: number;
  /** `isAccepted` that threw or gave no answer. */
  readonly predicateErrors: number;
}

/** Sheds calls that the dependency would not take on. */
export class Throttle extends Policy {
  /** @internal */
  readonly kind = 'throttle';
  readonly #part: Part;
  readonly #isAccepted: (error: unknown) => boolean;
  readonly #counted = { totalCalls: 0, totalThrottled: 0, totalAccepted: 0, totalUnaccepted: 0, predicateErrors: 0 };

  /** @internal */
  constructor(name: string, part: Part, isAccepted: (error: unknown) => boolean) {
    super(name);
    this.#part = part;
    this.#isAccepted = isAccepted;
  }

  /** Everything that is counted, as of now. */
  getStats(): ThrottleStats {
    const { totalCalls, totalThrottled, totalAccepted, totalUnaccepted } = this.#counted;
    const inFlight = totalCalls - totalThrottled - totalAccepted - totalUnaccepted;
    return { name: this.name, ...this.#counted, inFlight };
  }

  /** @internal */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    const { engine, handle } = this.#part;
    this.#counted.totalCalls++;
    if (engine.throttleAdmit(handle, defaultClock()) === 0) {
      this.#counted.totalThrottled++;
      return rejectedPromise(createError(false, ThrottledError, this.name));
    }
    return whenSettled(work(outer), this.#succeeded, this.#failed);
  }

  readonly #succeeded = (value: unknown): unknown => {
    this.#counted.totalAccepted++;
    this.#part.engine.throttleAccept(this.#part.handle, defaultClock());
    return value;
  };

  readonly #failed = (error: unknown): unknown => {
    if (this.#accepts(error)) this.#succeeded(error);
    else this.#counted.totalUnaccepted++;
    return new Rejection(error);
  };

  #accepts(error: unknown): boolean {
    try {
      return readPredicateResult('isAccepted', this.#isAccepted(error));
    } catch (fault) {
      if (this.#counted.predicateErrors++ === 0) {
        reportFault(undefined, `Policy ${this.name}: isAccepted failed, the call counts as not taken on`, fault);
      }
      return false;
    }
  }
}

/**
 * Sheds calls by chance where the dependency takes on too few of them: `max(0, (requests − K × accepts) / (requests + 1))` of
 * them, the client-side throttling of the Google SRE book, chapter 21; see `crates/limits-core/src/throttle.rs`. It reacts by
 * degrees where a breaker closes all at once, and costs the dependency nothing. Put it right outside of the breaker.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function throttle(options: ThrottleOptions = {}): Throttle {
  const reader = readPolicyOptions('throttle', options);
  const isAccepted = (reader.callable('isAccepted') as ThrottleOptions['isAccepted']) ?? isTakenOn;
  const part = partOf(reader, POLICY.THROTTLE, { seed: randomSeed(), ...reader.rest() });
  return new Throttle(reader.finish(), part, isAccepted);
}
