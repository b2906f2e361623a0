import { isFailure, isSuccess } from '../../classification/classification.ts';
import type { Classification } from '../../classification/classification.ts';
import { discard } from '../../classification/discard.ts';
import { isRejection } from '../../errors/rejected-error.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import type { LayerWork } from '../../run/layer.ts';
import { Run } from '../../run/run.ts';
import { SleepingRun } from '../../run/sleeping-run.ts';
import type { TimeSource } from '../../time/time-source.ts';
import type { PolicyClassifier } from '../policy-classifier.ts';
import type { RetryBudget } from '../retry/retry-budget.ts';

/** Decisions and counts of the policy that hedges a call. */
export interface HedgeDecider {
  readonly time: TimeSource;
  readonly maxHedges: number;
  readonly budget: RetryBudget | undefined;
  readonly classifier: PolicyClassifier;
  /** Whether calls without a word of their own are copied. */
  readonly idempotent: boolean;
  readonly counts: {
    totalSuccesses: number;
    totalFailures: number;
    totalHedges: number;
    totalHedgesWon: number;
    totalOverBudget: number;
  };
  /** Reason of the abort of copies that another one has outrun. */
  readonly loserReason: DOMException;
  /** Returns the milliseconds until the next copy of a call may start. */
  delay(): number;
  /** Called when a copy is about to start. */
  onHedge(copy: number): void;
  /** Records the response time of a call that has succeeded. */
  recordSuccess(startedAt: number): void;
}

/** Result of a copy: the error that it rejected with, or its value. */
interface CopyResult {
  readonly result: unknown;
  readonly isError: boolean;
}

/** One call and its copies. It sleeps until the next copy may start. */
export class HedgedCall extends SleepingRun {
  readonly #policy: HedgeDecider;
  readonly #work: LayerWork;
  readonly #outer: LayerContext;
  readonly #startedAt: number;
  /** Copies in flight, the original first. */
  readonly #copies: Copy[] = [];
  #hedges = 0;
  #failure: CopyResult | undefined;

  constructor(policy: HedgeDecider, work: LayerWork, outer: LayerContext) {
    super();
    this.#policy = policy;
    this.#startedAt = policy.time.clock();
    this.#work = work;
    this.#outer = outer;
    this.parent = outer.run;
  }

  start(): Promise<unknown> {
    const promise = this.createPromise();
    this.listenTo(this.#outer.abortSource);
    this.#startCopy(false);
    return promise;
  }

  protected override woken(): void {
    const { budget, counts } = this.#policy;
    if (budget?.withdraw() === false) {
      counts.totalOverBudget++;
      return;
    }
    counts.totalHedges++;
    this.#hedges++;
    this.#policy.onHedge(this.#hedges);
    this.#startCopy(true);
  }

  #startCopy(isHedge: boolean): void {
    if (!this.isOpen) return;
    this.#outer.classifier?.forget();
    const copy = new Copy(this, this.#outer, isHedge);
    this.#copies.push(copy);
    copy.start(this.#work);
    if (!this.isOpen || this.#hedges >= this.#policy.maxHedges) return;
    if (!(this.#outer.options?.idempotent ?? this.#policy.idempotent)) return;
    const delay = this.#policy.delay();
    if (Number.isFinite(delay)) this.sleep(delay, this.#policy.time.sleepScheduler);
  }

  /** Called when a copy has resolved. A value that counts as a failure is one. */
  copySucceeded(copy: Copy, value: unknown): void {
    if (!this.isOpen) return;
    this.#remove(copy);
    const classification = this.#policy.classifier.ofValue(value, this.#outer);
    // The classifier may have aborted the call.
    if (!this.isOpen) return;
    if (isFailure(classification)) this.#keepFailure({ result: value, isError: false });
    else this.#settle(copy, classification, { result: value, isError: false });
  }

  /** Called when a copy has rejected. An error that is ignored is the answer, unless it is a rejection. */
  copyFailed(copy: Copy, error: unknown): void {
    if (!this.isOpen) return;
    this.#remove(copy);
    const classification = this.#policy.classifier.ofError(error, this.#outer);
    if (!this.isOpen) return;
    const failure = { result: error, isError: true };
    if (isFailure(classification) || isRejection(error)) this.#keepFailure(failure);
    else this.#settle(copy, classification, failure);
  }

  /** Settles the call with the result of a copy, and aborts the others. */
  #settle(copy: Copy, classification: Classification, { result, isError }: CopyResult): void {
    const { counts } = this.#policy;
    if (isError) counts.totalFailures++;
    else counts.totalSuccesses++;
    if (copy.isHedge) counts.totalHedgesWon++;
    if (isSuccess(classification)) this.#policy.recordSuccess(this.#startedAt);
    this.#discardFailure();
    if (isError) this.reject(result);
    else this.resolve(result);
    if (this.#copies.length > 0) this.#endCopies(this.#policy.loserReason);
  }

  /** Keeps the failure of a copy, and ends the call with it after the last one. Failures of work precede rejections. */
  #keepFailure(failure: CopyResult): void {
    if (this.#failure === undefined || !failure.isError || !isRejection(failure.result)) {
      this.#discardFailure();
      this.#failure = failure;
    }
    if (this.#copies.length > 0) return;
    this.#policy.counts.totalFailures++;
    const { result, isError } = this.#failure;
    if (isError) this.reject(result);
    else this.resolve(result);
  }

  #discardFailure(): void {
    if (this.#failure?.isError === false) discard(this.#failure.result);
  }

  /** Stops here: another copy may be running while one waits. */
  override suspend(): void {}

  override resume(): undefined {}

  protected override abortInside(reason: unknown): void {
    this.#policy.counts.totalFailures++;
    this.#discardFailure();
    this.#endCopies(reason);
  }

  /** Returns the last error of a copy, or else what the copies wait for. */
  override timeoutCause(): unknown {
    const error = this.#failure?.isError === true ? this.#failure.result : undefined;
    return error ?? this.#copies.map((copy) => copy.timeoutCause()).find((cause) => cause !== undefined);
  }

  #remove(copy: Copy): void {
    if (this.#copies.at(-1) === copy) this.#copies.pop();
    else this.#copies.splice(this.#copies.indexOf(copy), 1);
  }

  #endCopies(reason: unknown): void {
    for (const copy of this.#copies.splice(0)) copy.end(reason);
  }
}

/** One copy of a hedged call, which reports to it. */
class Copy extends Run {
  readonly isHedge: boolean;
  readonly #call: HedgedCall;
  readonly #context: LayerContext;

  constructor(call: HedgedCall, outer: LayerContext, isHedge: boolean) {
    super();
    this.#call = call;
    this.isHedge = isHedge;
    this.parent = call;
    this.#context = outer.createChild(this);
  }

  start(work: LayerWork): void {
    void this.startWork(work, this.#context);
  }

  protected override succeeded(value: unknown): void {
    this.close();
    this.#call.copySucceeded(this, value);
  }

  protected override failed(error: unknown): void {
    this.close();
    this.#call.copyFailed(this, error);
  }

  override timeoutCause(): unknown {
    return this.#context.timeoutCause();
  }

  protected override abortInside(reason: unknown): void {
    this.#context.abort(reason);
  }
}
