import type { ValueCopier } from './value-copier.ts';
import { Rejection, whenSettled } from '../../run/promises.ts';
import { Run } from '../../run/run.ts';
import { SignalledRun } from '../../run/signalled-run.ts';
import { LayerContext } from '../../run/layer-context.ts';
import type { LayerWork } from '../../run/layer.ts';
import { requestTimers } from '../../time/request-timers.ts';
import { recordSource, SourcedCall } from '../../run/answer-source.ts';
import type { AnswerSource } from '../../run/answer-source.ts';

/** One call whose result several callers share. It is aborted when the last of them has left. */
export class SingleFlight extends Run {
  /** Result of the call. */
  readonly result: Promise<unknown>;
  readonly #context: LayerContext;
  readonly #call: SourcedCall;
  readonly #onEnd: () => void;
  #callers = 0;
  /** Value for callers after the first. They read copies of it. */
  #kept: (() => unknown) | undefined;
  readonly #copier: ValueCopier;

  /**
   * @param first context of the first caller.
   * @param copier makes the copies for the other callers.
   * @param onEnd called when no further caller can join.
   */
  constructor(first: LayerContext, copier: ValueCopier, onEnd: () => void) {
    super();
    this.#copier = copier;
    this.parent = first.run;
    this.result = this.createPromise();
    this.#call = new SourcedCall(first.options);
    const context = LayerContext.of(first.breaker, first.work, this.#call, this, first.attempt);
    this.#context = first.classifier === undefined ? context : context.withClassifier(first.classifier);
    this.#onEnd = onEnd;
  }

  /** Source of the result. */
  get source(): AnswerSource {
    return this.#call.source;
  }

  start(work: LayerWork): void {
    void this.startWork(work, this.#context);
  }

  /** Keeps a copy of the value before the first caller can read or change it. */
  keepCopy(value: unknown): void {
    if (this.#callers <= 1) return;
    try {
      const kept = this.#copier.keep(value);
      this.#kept = () => this.#copier.keep(kept);
    } catch (error) {
      this.#kept = () => {
        throw error;
      };
    }
  }

  /** Returns the value for a caller that has joined. */
  readonly copyForJoined = (value: unknown): unknown => (this.#kept === undefined ? value : this.#kept());

  /** Adds a caller, and returns the result for it. @param isFirst whether the call was started for this caller. */
  join(context: LayerContext, isFirst: boolean): Promise<unknown> {
    this.#callers++;
    requestTimers?.keepAlive(this.result, () => undefined);
    const { abortSource } = context;
    if (abortSource === undefined) return this.#withSource(this.result, context);
    const caller = new FlightCaller(this, isFirst ? context.run : undefined);
    return this.#withSource(
      caller.start(() => this.result, context, abortSource),
      context,
    );
  }

  /** Removes a caller that has aborted. */
  leave(reason: unknown): void {
    if (--this.#callers === 0) this.end(reason);
  }

  override timeoutCause(): unknown {
    return this.#context.timeoutCause();
  }

  protected override abortInside(reason: unknown): void {
    this.#context.abort(reason);
  }

  protected override close(): void {
    super.close();
    this.#onEnd();
  }

  /** Records the source of the result in the context of a caller that asks for it. */
  #withSource(result: Promise<unknown>, context: LayerContext): Promise<unknown> {
    if (!(context.options instanceof SourcedCall)) return result;
    return whenSettled(
      result,
      (value) => {
        if (this.source !== 'call') recordSource(context, this.source);
        return value;
      },
      (error) => new Rejection(error),
    );
  }
}

/** A caller that may abort before the shared call has settled. */
class FlightCaller extends SignalledRun {
  readonly #flight: SingleFlight;

  constructor(flight: SingleFlight, parent: Run | undefined) {
    super(parent);
    this.#flight = flight;
  }

  override timeoutCause(): unknown {
    return this.#flight.timeoutCause();
  }

  protected override abortInside(reason: unknown): void {
    this.#flight.leave(reason);
  }
}
