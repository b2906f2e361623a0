import { OBSERVABLE_HANDLINGS } from '../../run/observables.ts';
import type { ObservableOptions } from '../../run/observables.ts';
import type { ClockOptions } from '../../time/clock.ts';
import { POLICY } from '../../engine/codes.ts';
import { createError } from '../../errors/stacks.ts';
import { ShedError } from '../../errors/shed-error.ts';
import { readPredicateResult } from '../../breaker/classification.ts';
import { Rejection, rejectedPromise, whenSettled } from '../../run/promises.ts';
import { reportFault } from '../../logging.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { randomSeed } from '../../engine/random-seed.ts';
import { createPolicyHandle } from '../policy-handle.ts';
import type { PolicyHandle } from '../policy-handle.ts';
import { Policy, withObservables } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';
import { isAcceptedByDefault } from './acceptance.ts';

/** Options of {@link shedLoad}. */
export interface ShedLoadOptions extends ObservableOptions, ClockOptions {
  /** Name of the policy in errors and stats. Default `'shedLoad'`. */
  readonly name?: string | undefined;
  /**
   * Ratio of requests to accepted requests above which the load shedder rejects calls, K in the formula: 1 to 100. A higher
   * ratio rejects later. Default 2.
   */
  readonly multiplier?: number | undefined;
  /** Length of the window, in milliseconds; longer than the longest call: 1 000 to 3 600 000. Default 120 000. */
  readonly window?: number | undefined;
  /** Largest share of calls that is rejected; the rest shows whether the dependency recovers: 0 to 0.99. Default 0.9. */
  readonly maxRejection?: number | undefined;
  /** Number of calls that the window must hold before any is rejected. Default 20. */
  readonly minimumCalls?: number | undefined;
  /** Seed of the random numbers: a whole number from 0. Default: random. */
  readonly seed?: number | undefined;
  /**
   * Whether the dependency accepted a call that rejected with this error. Synchronous. Default: a wrong request (a status
   * from 400 to 499 other than 408 and 429), an abort by the caller, and a rejection by a policy inside. If it throws, the
   * call counts as not accepted and the fault is reported.
   */
  readonly isAccepted?: ((error: unknown) => boolean) | undefined;
}

/** Stats of a load shedder. */
export interface ShedLoadStats {
  readonly name: string;
  /** All calls: those shed, those accepted, those not accepted, and those in flight. */
  readonly totalCalls: number;
  /** Calls that the load shedder rejected. */
  readonly totalShed: number;
  /** Calls that the dependency accepted. */
  readonly totalAccepted: number;
  /** Calls that the dependency did not accept. */
  readonly totalUnaccepted: number;
  readonly inFlight: number;
  /** Calls of `isAccepted` that threw or returned no boolean. */
  readonly predicateErrors: number;
}

/** Rejects a share of the calls while the dependency accepts too few. */
export class ShedLoad extends Policy<never, 'reject'> {
  /** @internal */
  readonly kind = 'shedLoad';
  readonly #handle: PolicyHandle;
  readonly #isAccepted: (error: unknown) => boolean;
  readonly #counts = { totalCalls: 0, totalShed: 0, totalAccepted: 0, totalUnaccepted: 0, predicateErrors: 0 };

  /** @internal */
  constructor(name: string, handle: PolicyHandle, isAccepted: (error: unknown) => boolean) {
    super(name);
    this.#handle = handle;
    this.#isAccepted = isAccepted;
  }

  /** Returns the current stats. */
  getStats(): ShedLoadStats {
    const { totalCalls, totalShed, totalAccepted, totalUnaccepted } = this.#counts;
    const inFlight = totalCalls - totalShed - totalAccepted - totalUnaccepted;
    return { name: this.name, ...this.#counts, inFlight };
  }

  /** @internal */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#counts.totalCalls++;
    try {
      return this.#start(work, outer);
    } catch (error) {
      // The stack has overflowed, so that nothing can be called here.
      this.#counts.totalCalls--;
      throw error;
    }
  }

  #start(work: LayerWork, outer: LayerContext): Promise<unknown> {
    const { engine, id } = this.#handle;
    if (engine.shedLoadAdmit(id, this.#handle.now()) === 0) {
      this.#counts.totalShed++;
      const error = createError(false, ShedError, this.name);
      if (this.listeners !== undefined) this.emit('reject', { error });
      return rejectedPromise(error);
    }
    return whenSettled(work(outer), this.#onAccepted, this.#onFailure);
  }

  readonly #onAccepted = (value: unknown): unknown => {
    this.#counts.totalAccepted++;
    this.#handle.engine.shedLoadAccept(this.#handle.id, this.#handle.now());
    return value;
  };

  readonly #onFailure = (error: unknown): unknown => {
    if (this.#wasAccepted(error)) this.#onAccepted(error);
    else this.#counts.totalUnaccepted++;
    return new Rejection(error);
  };

  #wasAccepted(error: unknown): boolean {
    try {
      return readPredicateResult('isAccepted', this.#isAccepted(error));
    } catch (predicateError) {
      if (this.#counts.predicateErrors++ === 0) {
        reportFault(
          undefined,
          `Policy ${this.name}: isAccepted failed, the call counts as not accepted`,
          predicateError,
        );
      }
      return false;
    }
  }
}

/**
 * Rejects calls at random while the dependency accepts too few of them, with the probability
 * `max(0, (requests − K × accepts) / (requests + 1))`: the client-side throttling of the Google SRE book, chapter 21; see
 * `crates/limits-core/src/shed_load.rs`. It reacts gradually, unlike a breaker, and costs the dependency nothing. Put it
 * directly around the breaker.
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function shedLoad(options: ShedLoadOptions = {}): ShedLoad {
  const reader = readPolicyOptions('shedLoad', options);
  const observables = reader.oneOf('observables', OBSERVABLE_HANDLINGS);
  const isAccepted = (reader.callable('isAccepted') as ShedLoadOptions['isAccepted']) ?? isAcceptedByDefault;
  reader.time();
  const handle = createPolicyHandle(reader, POLICY.SHED_LOAD, { seed: randomSeed(), ...reader.rest() });
  return withObservables(new ShedLoad(reader.finish(), handle, isAccepted), observables);
}
