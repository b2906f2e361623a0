import { OBSERVABLE_HANDLINGS } from '../../run/observables.ts';
import type { ObservableOptions } from '../../run/observables.ts';
import type { ClockOptions } from '../../time/clock.ts';
import { withObservables } from '../policy.ts';
import { LIMIT_STATS, LIMIT_STATS_LENGTH, POLICY } from '../../engine/codes.ts';
import { isFailure, isSuccess } from '../../classification/classification.ts';
import { readClassifier } from '../../classification/classifier.ts';
import type { Classifier } from '../../classification/classifier.ts';
import type { ClassificationOptions } from '../../classification/outcome.ts';
import { ConcurrencyLimiter } from '../concurrency/concurrency-limiter.ts';
import type { LimiterStats } from '../concurrency/concurrency-limiter.ts';
import type { Slot } from '../concurrency/slot.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { createPolicyHandle } from '../policy-handle.ts';
import type { PolicyHandle } from '../policy-handle.ts';
import { PolicyClassifier } from '../policy-classifier.ts';
import { isStreamCall } from '../../run/stream-call.ts';

/** Options of {@link adaptiveBulkhead}. */
export interface AdaptiveBulkheadOptions extends ObservableOptions, ClockOptions, ClassificationOptions {
  /** Name of the policy in errors and stats. Default `'adaptiveBulkhead'`. */
  readonly name?: string | undefined;
  /** Formula that moves the limit, after Netflix concurrency-limits. Default `'gradient'`. */
  readonly algorithm?: 'gradient' | 'vegas' | undefined;
  /** Limit at the start. Default 20. */
  readonly initial?: number | undefined;
  /** Lowest limit. Default 1. */
  readonly min?: number | undefined;
  /** Highest limit. Default 200. */
  readonly max?: number | undefined;
  /** Shortest time between two changes of the limit, in milliseconds. Default 1 000. */
  readonly window?: number | undefined;
  /** Fewest calls between two changes of the limit. Default 20. */
  readonly minimumCalls?: number | undefined;
  /** Number of calls that may wait for a slot: 0 to 1 000 000. Default 0. */
  readonly queueSize?: number | undefined;
  /**
   * Longest wait of a call in the queue, in milliseconds: 1 to 2 147 483 647. Default: no limit but a timeout policy around it.
   * The `timeout` of a breaker does not limit the wait.
   */
  readonly maxWait?: number | undefined;
  /**
   * Milliseconds after which work loses its slot if its call has ended and the work has not: 1 to 2 147 483 647. A timeout or
   * an abort ends a call early. More work than the limit may then run. Default: work holds its slot until it has settled.
   */
  readonly abandonAfter?: number | undefined;
}

/** Stats of an adaptive bulkhead. */
export interface AdaptiveBulkheadStats extends LimiterStats {
  /** Calls that counted as a failure, which lowered the limit. */
  readonly totalDropped: number;
  /** Calls of `classify` that threw or returned a wrong value. */
  readonly predicateErrors: number;
}

const row = new Float64Array(LIMIT_STATS_LENGTH);

/** Limits how many calls run at once, by a limit that follows the capacity of the dependency. */
export class AdaptiveBulkhead extends ConcurrencyLimiter {
  /** @internal */
  readonly kind = 'adaptiveBulkhead';
  readonly #limitHandle: PolicyHandle;
  readonly #classifier: PolicyClassifier;
  #limit = 0;
  #totalDropped = 0;

  /** @internal */
  constructor(
    name: string,
    limitHandle: PolicyHandle,
    bulkheadHandle: PolicyHandle,
    maxWait: number | undefined,
    classifier: Classifier | undefined,
    abandonAfter: number | undefined,
  ) {
    super(name, bulkheadHandle, maxWait, abandonAfter);
    this.#limitHandle = limitHandle;
    this.#classifier = new PolicyClassifier(name, classifier);
    limitHandle.readStats(row);
    this.#applyLimit(row[LIMIT_STATS.limit] as number);
  }

  /** Returns the current stats. */
  override getStats(): AdaptiveBulkheadStats {
    const { predicateErrors } = this.#classifier;
    return { ...super.getStats(), totalDropped: this.#totalDropped, predicateErrors };
  }

  /** @internal */
  override onCallStarted(slot: Slot): void {
    slot.inFlight = this.running;
    slot.startedAt = this.#limitHandle.now();
  }

  /** @internal */
  override onCallSettled(slot: Slot, rejected: boolean, result: unknown): void {
    const { context } = slot;
    const classification = rejected
      ? this.#classifier.ofRejection(result, context)
      : this.#classifier.ofValue(result, context);
    if (isSuccess(classification)) {
      // The duration of a stream says nothing about the load.
      if (context === undefined || !isStreamCall(context)) this.#sample(slot, 0);
    } else if (isFailure(classification)) {
      this.#totalDropped++;
      this.#sample(slot, 1);
    }
  }

  #sample({ startedAt, inFlight }: Slot, dropped: number): void {
    const { engine, id } = this.#limitHandle;
    const now = this.#limitHandle.now();
    this.#applyLimit(engine.sample(id, now - startedAt, inFlight, dropped, now));
  }

  #applyLimit(limit: number): void {
    if (limit === this.#limit) return;
    this.#limit = limit;
    this.setLimit(limit);
  }
}

/**
 * Limits how many calls run at once, by a limit that follows the capacity of the dependency: it rises while response times
 * stay as short as without load, and falls when calls queue up inside the dependency, or count as failures. Calls without a slot wait or reject
 * like those of a {@link bulkhead}. Put it inside the breaker, and around the attempt timeout.
 *
 * The formulas, and the changes that keep the limit from drifting, are in `crates/limits-core/src/adaptive/mod.rs`.
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function adaptiveBulkhead(options: AdaptiveBulkheadOptions = {}): AdaptiveBulkhead {
  const reader = readPolicyOptions('adaptiveBulkhead', options);
  const observables = reader.oneOf('observables', OBSERVABLE_HANDLINGS);
  const classifier = readClassifier(reader);
  const maxWait = reader.milliseconds('maxWait');
  const abandonAfter = reader.milliseconds('abandonAfter');
  const bulkheadHandle = createPolicyHandle(reader, POLICY.BULKHEAD, { queueSize: reader.value('queueSize') });
  const limitHandle = createPolicyHandle(reader, POLICY.LIMIT);
  return withObservables(
    new AdaptiveBulkhead(reader.finish(), limitHandle, bulkheadHandle, maxWait, classifier, abandonAfter),
    observables,
  );
}
