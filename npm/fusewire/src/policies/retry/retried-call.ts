import { isRetriable } from '../../classification/classification.ts';
import type { Classification } from '../../classification/classification.ts';
import { discard } from '../../classification/discard.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import type { LayerWork } from '../../run/layer.ts';
import type { SleepScheduler } from '../../time/sleep-scheduler.ts';
import { SleepingRun } from '../../run/sleeping-run.ts';
import { hasStarted } from '../../run/stream-call.ts';

/** Error or value of an attempt, and how it counts. */
export interface AttemptOutcome {
  readonly value: unknown;
  /** Whether the attempt has rejected with `value`. */
  readonly isError: boolean;
  readonly classification: Classification;
}

/** Decisions and counts of the policy that retries a call. */
export interface RetryDecider {
  readonly sleepScheduler: SleepScheduler;
  /** Whether to collect the errors of all attempts. */
  readonly collectsErrors: boolean;
  /** Returns how the outcome of an attempt counts. */
  classify(result: unknown, isError: boolean, context: LayerContext): Classification;
  /** Returns the milliseconds until the next attempt, or undefined if the call is not retried. */
  delayAfter(outcome: AttemptOutcome, call: RetriedCall): number | undefined;
  /** Called when another attempt starts. */
  onRetry(): void;
  /** Called when an attempt after the first has succeeded. */
  onRecovered(): void;
  /** Called when the call ends with a value that counts as a failure. */
  onFailedValue(): void;
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
  /** Errors and failed values of the attempts; undefined if they are not collected. */
  readonly errors: unknown[] | undefined;
  readonly #policy: RetryDecider;
  readonly #work: LayerWork;
  readonly #outer: LayerContext;
  readonly #idempotent: boolean | undefined;
  #lastError: unknown;

  /** @param idempotent option of the pipeline. */
  constructor(policy: RetryDecider, work: LayerWork, outer: LayerContext, idempotent: boolean | undefined) {
    super();
    this.#policy = policy;
    this.#work = work;
    this.#outer = outer;
    this.#idempotent = idempotent;
    this.parent = outer.run;
    this.errors = policy.collectsErrors ? [] : undefined;
  }

  /** Whether the call was aborted from outside, or is a stream that has begun, so that no attempt may follow. */
  get isOver(): boolean {
    return this.#outer.aborted !== undefined || hasStarted(this.#outer);
  }

  /**
   * Returns whether the work may run twice: by the call, or else by the policy, or else by the pipeline. Undefined if none of them
   * says so.
   */
  idempotenceIn(policy: boolean | undefined): boolean | undefined {
    return this.#outer.options?.idempotent ?? policy ?? this.#idempotent;
  }

  /** Whether an outer timeout ends the call within a delay. If so, the call ends with its error now. */
  endsBefore(delay: number, { value, isError }: AttemptOutcome): boolean {
    if (delay <= 0 || !this.#outer.endsWithin(delay)) return false;
    // A call that has a value ends with it.
    if (isError) this.timeoutError = this.#outer.timeLimit?.errorBeforeAttempt(delay, value);
    return true;
  }

  /** Returns the result of the call, given the outcome of its first attempt. */
  afterFirst(outcome: AttemptOutcome): Promise<unknown> {
    const promise = this.createPromise();
    // A timeout reads the last error while an attempt runs, too.
    this.listenTo(this.#outer.abortSource);
    this.#decide(outcome);
    return promise;
  }

  protected override failed(error: unknown): void {
    this.#decide({ value: error, isError: true, classification: this.#policy.classify(error, true, this.#outer) });
  }

  protected override succeeded(value: unknown): void {
    const classification = this.#policy.classify(value, false, this.#outer);
    if (!isRetriable(classification)) {
      this.#policy.onRecovered();
      this.resolve(value);
    } else {
      this.#decide({ value, isError: false, classification });
    }
  }

  /** Ends the call with the outcome of an attempt that may be repeated, or makes another attempt after a delay. */
  #decide(outcome: AttemptOutcome): void {
    const { value, isError } = outcome;
    this.errors?.push(value);
    this.#lastError = isError ? value : undefined;
    const delay = this.#policy.delayAfter(outcome, this);
    if (delay === undefined) {
      this.#endWith(outcome);
      return;
    }
    if (!isError) discard(value);
    if (delay > 0) this.#sleepFor(delay);
    else this.woken();
  }

  #endWith({ value, isError }: AttemptOutcome): void {
    if (isError) {
      this.reject(this.#policy.errorFor(value, this));
      return;
    }
    this.#policy.onFailedValue();
    this.resolve(value);
  }

  protected override woken(): void {
    this.attempt++;
    this.#outer.classifier?.forget();
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
