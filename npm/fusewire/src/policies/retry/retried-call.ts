import type { LayerContext } from '../../run/layer-context.ts';
import type { LayerWork } from '../../run/layer.ts';
import type { SleepScheduler } from '../../time/sleep-scheduler.ts';
import { SleepingRun } from '../../run/sleeping-run.ts';

/** Decisions and counts of the policy that retries a call. */
export interface RetryDecider {
  readonly sleepScheduler: SleepScheduler;
  /** Whether to collect the errors of all attempts. */
  readonly collectsErrors: boolean;
  /** Returns the milliseconds until the next attempt, or undefined if the call is not retried. */
  delayAfter(error: unknown, call: RetriedCall): number | undefined;
  /** Called when another attempt starts. */
  onRetry(): void;
  /** Called when an attempt after the first has succeeded. */
  onRecovered(): void;
  /** Counts the failure of the call. Returns the error to reject with. */
  errorFor(error: unknown, call: RetriedCall): unknown;
}

/** A call whose first attempt has failed. It sleeps between its attempts, and an abort ends it only then. */
export class RetriedCall extends SleepingRun {
  /** Number of the current attempt. */
  attempt = 1;
  /** Delay before the current attempt, as the engine chose it. Decorrelated jitter needs it for the next one. */
  delay = 0;
  /** Whether all attempts have been made. */
  isExhausted = false;
  /** Error of a call whose next attempt could only begin after an outer timeout. */
  timeoutError: Error | undefined;
  /** Errors of the attempts; undefined if they are not collected. */
  readonly errors: unknown[] | undefined;
  readonly #policy: RetryDecider;
  readonly #work: LayerWork;
  readonly #outer: LayerContext;
  #lastError: unknown;

  constructor(policy: RetryDecider, work: LayerWork, outer: LayerContext) {
    super();
    this.#policy = policy;
    this.#work = work;
    this.#outer = outer;
    this.parent = outer.run;
    this.errors = policy.collectsErrors ? [] : undefined;
  }

  /** Whether the call was aborted from outside. */
  get isAborted(): boolean {
    return this.#outer.aborted !== undefined;
  }

  /** Whether an outer timeout ends the call within a delay. If so, the call ends with its error now. */
  endsBefore(delay: number, lastError: unknown): boolean {
    if (delay <= 0 || !this.#outer.endsWithin(delay)) return false;
    this.timeoutError = this.#outer.timeLimit?.errorBeforeAttempt(delay, lastError);
    return true;
  }

  /** Returns the result of the call, given the error of its first attempt. */
  afterFirstFailure(error: unknown): Promise<unknown> {
    const promise = this.createPromise();
    // A timeout reads the last error while an attempt runs, too.
    this.listenTo(this.#outer.abortSource);
    this.failed(error);
    return promise;
  }

  protected override failed(error: unknown): void {
    this.errors?.push(error);
    this.#lastError = error;
    const delay = this.#policy.delayAfter(error, this);
    if (delay === undefined) this.reject(this.#policy.errorFor(error, this));
    else if (delay > 0) this.#sleepFor(delay);
    else this.woken();
  }

  protected override succeeded(value: unknown): void {
    this.#policy.onRecovered();
    this.resolve(value);
  }

  protected override woken(): void {
    this.attempt++;
    this.#policy.onRetry();
    void this.startWork(this.#work, this.#outer.forAttempt(this.attempt));
  }

  #sleepFor(delay: number): void {
    this.sleep(delay, this.#policy.sleepScheduler);
    // A predicate may have aborted the call.
    const aborted = this.#outer.aborted;
    if (aborted !== undefined) this.end(aborted.reason);
  }

  override timeoutCause(): unknown {
    return this.#lastError;
  }

  override end(reason: unknown): void {
    if (this.isOpen && this.isAsleep) this.endWith(() => this.#policy.errorFor(reason, this));
  }
}
