import { OBSERVABLE_HANDLINGS } from '../../run/observables.ts';
import type { ObservableOptions } from '../../run/observables.ts';
import type { ClockOptions } from '../../time/clock.ts';
import type { TimeSource } from '../../time/time-source.ts';
import { HEDGE_STATS, HEDGE_STATS_LENGTH, POLICY } from '../../engine/codes.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import { readClassifier } from '../../classification/classifier.ts';
import type { Classifier } from '../../classification/classifier.ts';
import type { ClassificationOptions } from '../../classification/outcome.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { createPolicyHandle } from '../policy-handle.ts';
import type { PolicyHandle } from '../policy-handle.ts';
import { PolicyClassifier } from '../policy-classifier.ts';
import { Policy, withObservables } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';
import { HedgedCall } from './hedged-call.ts';
import { readBudget } from '../retry/retry-budget.ts';
import type { RetryBudget } from '../retry/retry-budget.ts';
import { isStreamCall } from '../../run/stream-call.ts';

/** Options of {@link hedge}. */
export interface HedgeOptions extends ObservableOptions, ClockOptions, ClassificationOptions {
  /** Name of the policy in errors and stats. Default `'hedge'`. */
  readonly name?: string | undefined;
  /**
   * Milliseconds after which a copy of a call starts: 0 to 2 147 483 647. With a `quantile` it applies only until
   * `minimumCalls` response times are known. Default 1 000, with the quantile 0.95.
   */
  readonly delay?: number | undefined;
  /** Quantile of the recent response times after which a copy starts: above 0, below 1. */
  readonly quantile?: number | undefined;
  /** Number of response times that must be known before the quantile applies. Default 20. */
  readonly minimumCalls?: number | undefined;
  /** Age up to which response times count, in milliseconds. Default 60 000. */
  readonly window?: number | undefined;
  /** Most copies of a call, besides the original: 1 to 10. Default 1. */
  readonly maxHedges?: number | undefined;
  /**
   * Whether a copy of the work does no harm: true for all calls. With false only the calls that say so by their own option
   * `idempotent` are copied. Required, unless the pipeline around the hedge has it.
   */
  readonly idempotent: boolean;
  /** Budget that limits the copies; other policies may share it. Default: no limit, every slow call gets a copy. */
  readonly budget?: RetryBudget | undefined;
}

/** Options of {@link hedge} as a part of a pipeline, whose option `idempotent` holds for it, too. */
export type HedgePartOptions = Omit<HedgeOptions, 'idempotent'> & { readonly idempotent?: boolean | undefined };

/** Stats of a hedge. */
export interface HedgeStats {
  readonly name: string;
  /** All calls: those that succeeded, those that failed, and those in flight. */
  readonly totalCalls: number;
  readonly totalSuccesses: number;
  readonly totalFailures: number;
  readonly inFlight: number;
  /** Copies that were started. */
  readonly totalHedges: number;
  /** Calls that settled with the result of a copy. */
  readonly totalHedgesWon: number;
  /** Copies that the budget did not allow. */
  readonly totalOverBudget: number;
  /** Calls of `classify` that threw or returned a wrong value. */
  readonly predicateErrors: number;
  /** Current delay before a copy starts, in milliseconds. */
  readonly delay: number;
}

const row = new Float64Array(HEDGE_STATS_LENGTH);

/** Starts copies of slow calls. */
export class Hedge extends Policy<never, 'hedge'> {
  /** @internal */
  readonly kind = 'hedge';
  /** @internal */
  readonly budget: RetryBudget | undefined;
  /** @internal */
  readonly maxHedges: number;
  /** @internal */
  readonly classifier: PolicyClassifier;
  /** @internal */
  readonly idempotent: boolean;
  /** @internal */
  readonly counts = {
    totalCalls: 0,
    totalSuccesses: 0,
    totalFailures: 0,
    totalHedges: 0,
    totalHedgesWon: 0,
    totalOverBudget: 0,
  };
  readonly #handle: PolicyHandle;
  #loserReason: DOMException | undefined;

  /** @internal */
  constructor(
    name: string,
    handle: PolicyHandle,
    idempotent: boolean,
    budget: RetryBudget | undefined,
    classifier: Classifier | undefined,
  ) {
    super(name);
    this.idempotent = idempotent;
    this.#handle = handle;
    this.budget = budget;
    this.classifier = new PolicyClassifier(name, classifier);
    this.maxHedges = this.#readStat('maxHedges');
  }

  /** Returns the current stats. */
  getStats(): HedgeStats {
    const { totalCalls, totalSuccesses, totalFailures } = this.counts;
    const { predicateErrors } = this.classifier;
    const inFlight = totalCalls - totalSuccesses - totalFailures;
    return { name: this.name, ...this.counts, inFlight, predicateErrors, delay: this.#readStat('delay') };
  }

  /** @internal */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    if (isStreamCall(outer)) return work(outer);
    this.counts.totalCalls++;
    this.budget?.deposit();
    let call: HedgedCall | undefined;
    try {
      call = new HedgedCall(this, work, outer);
      return call.start();
    } catch (error) {
      // The stack has overflowed, so that nothing can be called here.
      if (call !== undefined) call.isOpen = false;
      this.counts.totalCalls--;
      throw error;
    }
  }

  /** @internal */
  get time(): TimeSource {
    return this.#handle.time;
  }

  /** Returns the milliseconds until the next copy of a call may start. @internal */
  delay(): number {
    return this.#handle.engine.hedgeDelay(this.#handle.id, this.#handle.now());
  }

  /** @internal */
  onHedge(copy: number): void {
    if (this.listeners !== undefined) this.emit('hedge', { copy });
  }

  /** Records the response time of a call that has succeeded. @internal */
  recordSuccess(startedAt: number): void {
    const now = this.#handle.now();
    this.#handle.engine.recordDuration(this.#handle.id, now - startedAt, now);
  }

  /** Reason of the abort of copies that another one has outrun. All calls share it. @internal */
  get loserReason(): DOMException {
    return (this.#loserReason ??= new DOMException(
      `Policy ${this.name}: another copy of the call was faster`,
      'AbortError',
    ));
  }

  #readStat(name: keyof typeof HEDGE_STATS): number {
    this.#handle.readStats(row);
    return row[HEDGE_STATS[name]] as number;
  }
}

/**
 * Starts a copy of a call that takes longer than others do. The first success settles the call, and aborts the other
 * copies. After Dean and Barroso, "The Tail at Scale" (2013): the quantile 0.95 shortens the tail for about 5 % more load,
 * and a `budget` bounds the load when everything is slow. A failure starts no copy; the call settles with the last failure
 * after all copies have failed. An outcome that is ignored settles the call at once, unless it is a rejection by a breaker or a
 * policy.
 *
 * Hedge only idempotent work, such as reads, and say so by the option `idempotent`. Put the hedge around the breaker, so that the breaker admits each copy.
 *
 * ```ts
 * const slow = hedge({ quantile: 0.95, budget, idempotent: true });
 * const reads = pipeline([timeout(5_000), slow, breaker, timeout(2_000)]);
 * ```
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function hedge(options: HedgeOptions): Hedge {
  const given: unknown = options === undefined ? {} : options;
  const reader = readPolicyOptions('hedge', typeof given === 'number' ? { delay: given } : given);
  const observables = reader.oneOf('observables', OBSERVABLE_HANDLINGS);
  const budget = readBudget(reader);
  const classifier = readClassifier(reader);
  const idempotent = reader.boolean('idempotent');
  if (reader.value('idempotent') === undefined) reader.report('idempotent', 'missing', IDEMPOTENCE);
  const handle = createPolicyHandle(reader, POLICY.HEDGE);
  return withObservables(new Hedge(reader.finish(), handle, idempotent === true, budget, classifier), observables);
}

/** Accepted values of the option `idempotent`, for the error without it. */
const IDEMPOTENCE =
  'given, because a copy does the work twice: true, here or for the whole pipeline, if that does no harm; ' +
  'false to copy only the calls of execute(work, { idempotent: true })';
