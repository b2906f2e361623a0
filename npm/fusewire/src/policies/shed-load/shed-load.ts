import { OBSERVABLE_HANDLINGS } from '../../run/observables.ts';
import type { ObservableOptions } from '../../run/observables.ts';
import type { ClockOptions } from '../../time/clock.ts';
import { POLICY } from '../../engine/codes.ts';
import { isFailure } from '../../classification/classification.ts';
import type { Classification } from '../../classification/classification.ts';
import { readClassifier } from '../../classification/classifier.ts';
import type { Classifier } from '../../classification/classifier.ts';
import type { ClassificationOptions } from '../../classification/outcome.ts';
import { createError } from '../../errors/stacks.ts';
import { ShedError } from '../../errors/shed-error.ts';
import { Rejection, rejectedPromise, whenSettled } from '../../run/promises.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { randomSeed } from '../../engine/random-seed.ts';
import { createPolicyHandle } from '../policy-handle.ts';
import type { PolicyHandle } from '../policy-handle.ts';
import { Policy, withObservables } from '../policy.ts';
import { PolicyClassifier } from '../policy-classifier.ts';
import type { LayerWork } from '../../run/layer.ts';

/** Options of {@link shedLoad}. */
export interface ShedLoadOptions extends ObservableOptions, ClockOptions, ClassificationOptions {
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
}

/** Stats of a load shedder. */
export interface ShedLoadStats {
  readonly name: string;
  /** All calls: those shed, those accepted, those not accepted, and those in flight. */
  readonly totalCalls: number;
  /** Calls that the load shedder rejected. */
  readonly totalShed: number;
  /** Calls that the dependency accepted: those that counted as a success, and those that were ignored. */
  readonly totalAccepted: number;
  /** Calls that the dependency did not accept: those that counted as a failure. */
  readonly totalUnaccepted: number;
  readonly inFlight: number;
  /** Calls of `classify` that threw or returned a wrong value. */
  readonly predicateErrors: number;
}

/** Rejects a share of the calls while the dependency accepts too few. */
export class ShedLoad extends Policy<never, 'reject'> {
  /** @internal */
  readonly kind = 'shedLoad';
  readonly #handle: PolicyHandle;
  readonly #classifier: PolicyClassifier;
  readonly #counts = { totalCalls: 0, totalShed: 0, totalAccepted: 0, totalUnaccepted: 0 };

  /** @internal */
  constructor(name: string, handle: PolicyHandle, classifier: Classifier | undefined) {
    super(name);
    this.#handle = handle;
    this.#classifier = new PolicyClassifier(name, classifier);
  }

  /** Returns the current stats. */
  getStats(): ShedLoadStats {
    const { totalCalls, totalShed, totalAccepted, totalUnaccepted } = this.#counts;
    const inFlight = totalCalls - totalShed - totalAccepted - totalUnaccepted;
    const { predicateErrors } = this.#classifier;
    return { name: this.name, ...this.#counts, inFlight, predicateErrors };
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
      const { totalAccepted, totalUnaccepted } = this.#counts;
      this.#counts.totalShed++;
      const error = createError(false, ShedError, this.name, totalAccepted, totalAccepted + totalUnaccepted);
      if (this.listeners !== undefined) this.emit('reject', { error });
      return rejectedPromise(error);
    }
    if (outer.classifier === undefined && outer.abortSource === undefined) {
      return whenSettled(work(outer), this.#onValue, this.#onError);
    }
    return whenSettled(
      work(outer),
      (value) => this.#recordValue(value, outer),
      (error) => this.#recordError(error, outer),
    );
  }

  /** Handlers of calls that nothing aborts, and that no classifier of a pipeline judges. All such calls share them. */
  readonly #onValue = (value: unknown): unknown => this.#recordValue(value, undefined);
  readonly #onError = (error: unknown): unknown => this.#recordError(error, undefined);

  #recordValue(value: unknown, outer: LayerContext | undefined): unknown {
    this.#record(this.#classifier.ofValue(value, outer));
    return value;
  }

  #recordError(error: unknown, outer: LayerContext | undefined): unknown {
    this.#record(this.#classifier.ofRejection(error, outer));
    return new Rejection(error);
  }

  #record(classification: Classification): void {
    if (isFailure(classification)) {
      this.#counts.totalUnaccepted++;
      return;
    }
    this.#counts.totalAccepted++;
    this.#handle.engine.shedLoadAccept(this.#handle.id, this.#handle.now());
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
  const classifier = readClassifier(reader);
  reader.time();
  const handle = createPolicyHandle(reader, POLICY.SHED_LOAD, { seed: randomSeed(), ...reader.rest() });
  return withObservables(new ShedLoad(reader.finish(), handle, classifier), observables);
}
