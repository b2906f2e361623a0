import { defaultClock } from '../../time/clock.ts';
import { HEDGE_STATS, HEDGE_STATS_LENGTH, POLICY } from '../../engine/codes.ts';
import { isRejection } from '../../errors.ts';
import { whenSettled } from '../../run/promises.ts';
import type { AbortListener } from '../../run/abort-signals.ts';
import { sleepScheduler } from '../../time/sleep-scheduler.ts';
import type { SleepTimer } from '../../time/sleep-scheduler.ts';
import type { SlotHolder } from '../../run/slot-holder.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { partOf } from '../policy-handle.ts';
import type { Part } from '../policy-handle.ts';
import { Policy } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';
import { budgetOf } from '../retry/retry-budget.ts';
import type { RetryBudget } from '../retry/retry-budget.ts';

/** When copies of slow calls are started. */
export interface HedgeOptions {
  /** Names the policy in errors and stats. Default `'hedge'`. */
  readonly name?: string | undefined;
  /**
   * How long a call may take before a copy of it is started, in milliseconds: 0 to 2 147 483 647. With a `quantile` it counts
   * only until enough response times are known. Default 1 000, and then by the quantile 0.95.
   */
  readonly delay?: number | undefined;
  /** Start a copy when a call has taken longer than this share of the recent ones: above 0, below 1. */
  readonly quantile?: number | undefined;
  /** Response times that must be known before the quantile is gone by. Default 20. */
  readonly minimumSamples?: number | undefined;
  /** How far back response times count, in milliseconds. Default 60 000. */
  readonly window?: number | undefined;
  /** How many copies there may be beside the first: 1 to 10. Default 1. */
  readonly maxHedges?: number | undefined;
  /** What copies are paid from; others may share it. Default: none, every slow call is copied. */
  readonly budget?: RetryBudget | undefined;
}

/** What a hedge has seen. */
export interface HedgeStats {
  readonly name: string;
  /** Calls ever begun: those that succeeded, those that failed, and those in flight. */
  readonly totalCalls: number;
  readonly totalSuccesses: number;
  readonly totalFailures: number;
  readonly inFlight: number;
  /** Copies that were started. */
  readonly totalHedges: number;
  /** Calls that a copy answered. */
  readonly totalHedgesWon: number;
  /** Copies that the budget kept from being started. */
  readonly totalOverBudget: number;
  /** How long a call may take now before a copy of it is started, in milliseconds. */
  readonly delay: number;
}

const row = new Float64Array(HEDGE_STATS_LENGTH);

/** Starts copies of slow calls. */
export class Hedge extends Policy {
  /** @internal */
  readonly kind = 'hedge';
  /** @internal */
  readonly budget: RetryBudget | undefined;
  /** @internal */
  readonly maxHedges: number;
  /** @internal */
  readonly counted = {
    totalCalls: 0,
    totalSuccesses: 0,
    totalFailures: 0,
    totalHedges: 0,
    totalHedgesWon: 0,
    totalOverBudget: 0,
  };
  readonly #part: Part;
  #tooLate: DOMException | undefined;

  /** @internal */
  constructor(name: string, part: Part, budget: RetryBudget | undefined) {
    super(name);
    this.#part = part;
    this.budget = budget;
    this.maxHedges = this.#read('maxHedges');
  }

  /** Everything that is counted, as of now. */
  getStats(): HedgeStats {
    const { totalCalls, totalSuccesses, totalFailures } = this.counted;
    const inFlight = totalCalls - totalSuccesses - totalFailures;
    return { name: this.name, ...this.counted, inFlight, delay: this.#read('delay') };
  }

  /** @internal */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.counted.totalCalls++;
    this.budget?.deposit();
    return new HedgedRun(this, work, outer).promise;
  }

  /** Milliseconds until the next copy of a call may be started. @internal */
  delay(): number {
    return this.#part.engine.hedgeDelay(this.#part.handle, defaultClock());
  }

  /** A call has succeeded that began then. @internal */
  record(began: number): void {
    const now = defaultClock();
    this.#part.engine.recordDuration(this.#part.handle, now - began, now);
  }

  /** Why copies are aborted. One for all of them: it says nothing of the call. @internal */
  get tooLate(): DOMException {
    return (this.#tooLate ??= new DOMException(
      `Policy ${this.name}: another copy of the call was faster`,
      'AbortError',
    ));
  }

  #read(name: keyof typeof HEDGE_STATS): number {
    this.#part.read(row);
    return row[HEDGE_STATS[name]] as number;
  }
}

/**
 * Starts a copy of a call that takes longer than others do; the first success answers the call, and the other copies are aborted.
 * After Dean and Barroso, "The Tail at Scale" (2013): with the quantile 0.95 it cuts the tail short for about 5 % more load;
 * a `budget` bounds it when everything is slow. Copies are for slow calls, not for failed ones: when every copy that was
 * started has failed, the call rejects with the last failure.
 *
 * Only what may be done twice may be hedged, such as reading. Put it around the breaker, so that each copy is admitted.
 *
 * ```ts
 * const reads = pipeline([timeout(5_000), hedge({ quantile: 0.95, budget }), breaker, timeout(2_000)]);
 * ```
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function hedge(options: HedgeOptions = {}): Hedge {
  const reader = readPolicyOptions('hedge', options);
  const budget = budgetOf(reader);
  const part = partOf(reader, POLICY.HEDGE);
  return new Hedge(reader.finish(), part, budget);
}

/** A call and its copies. */
class HedgedRun implements SleepTimer, AbortListener {
  deadline = 0;
  heapIndex = 0;
  readonly promise: Promise<unknown>;
  readonly #policy: Hedge;
  readonly #work: LayerWork;
  readonly #outer: LayerContext;
  readonly #began = defaultClock();
  /** Those that are under way, the first one first. */
  readonly #copies: LayerContext[] = [];
  #hedges = 0;
  #isAsleep = false;
  #isOver = false;
  #failure: unknown;
  #resolve!: (value: unknown) => void;
  #reject!: (reason: unknown) => void;

  constructor(policy: Hedge, work: LayerWork, outer: LayerContext) {
    this.#policy = policy;
    this.#work = work;
    this.#outer = outer;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    outer.abortSource?.subscribe(this);
    this.#start(false);
    this.#sleep();
  }

  /** The call has taken long enough for a copy. */
  expire(): void {
    this.#wake();
    const { budget, counted } = this.#policy;
    if (budget?.withdraw() === false) {
      counted.totalOverBudget++;
      return;
    }
    counted.totalHedges++;
    this.#hedges++;
    this.#start(true);
    this.#sleep();
  }

  /** The call is aborted from outside. */
  abort(reason: unknown, holder?: SlotHolder): void {
    this.#fail(reason);
    for (const copy of this.#copies) copy.abort(reason, holder);
  }

  #start(isHedge: boolean): void {
    if (this.#isOver) return;
    const copy = this.#outer.createChild();
    this.#copies.push(copy);
    whenSettled(
      this.#work(copy),
      (value) => {
        this.#leave(copy);
        if (!this.#isOver) this.#succeed(value, isHedge);
      },
      (error) => {
        this.#leave(copy);
        if (!this.#isOver) this.#failed(error);
      },
    );
  }

  #succeed(value: unknown, isHedge: boolean): void {
    const { counted } = this.#policy;
    counted.totalSuccesses++;
    if (isHedge) counted.totalHedgesWon++;
    this.#policy.record(this.#began);
    this.#end();
    this.#resolve(value);
    for (const copy of this.#copies) copy.abort(this.#policy.tooLate);
  }

  /** One copy has failed. A copy that was not admitted tells less than one that was. */
  #failed(error: unknown): void {
    if (this.#failure === undefined || !isRejection(error)) this.#failure = error;
    if (this.#copies.length === 0) this.#fail(this.#failure);
  }

  #fail(reason: unknown): void {
    this.#policy.counted.totalFailures++;
    this.#end();
    this.#reject(reason);
  }

  #end(): void {
    this.#isOver = true;
    this.#wake();
    this.#outer.abortSource?.unsubscribe(this);
  }

  #leave(copy: LayerContext): void {
    this.#copies.splice(this.#copies.indexOf(copy), 1);
  }

  #sleep(): void {
    if (this.#isOver || this.#hedges >= this.#policy.maxHedges) return;
    const delay = this.#policy.delay();
    if (!Number.isFinite(delay)) return;
    this.#isAsleep = true;
    sleepScheduler.add(this, delay);
  }

  #wake(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    sleepScheduler.remove(this);
  }
}
