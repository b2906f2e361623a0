import { cloneResponse, isResponse } from '../answer-copies.ts';
import { Rejection, whenSettled } from '../../../run/promises.ts';
import type { SlotHolder } from '../../../run/slot-holder.ts';
import { AbortableRun } from '../../../run/abortable-run.ts';
import { LayerContext } from '../../../run/layer-context.ts';
import type { LayerWork } from '../../../run/layer.ts';
import { requestKeepAlive } from '../../../time/request-keep-alive.ts';
import { recordSource, SourcedCall } from '../../../run/answer-source.ts';
import type { AnswerSource } from '../../../run/answer-source.ts';

/** One call whose result several callers share. It is aborted when the last of them has left. */
export class SingleFlight {
  /** Result of the call. */
  readonly result: Promise<unknown>;
  readonly #context: LayerContext;
  readonly #call: SourcedCall;
  readonly #onEnd: () => void;
  #resolve!: (running: Promise<unknown>) => void;
  #callers = 0;
  /** Copy of a response for callers after the first, which never read it themselves. */
  #response: Response | undefined;
  #ended = false;

  /**
   * @param first context of the first caller.
   * @param onEnd called when no further caller can join.
   */
  constructor(first: LayerContext, onEnd: () => void) {
    this.result = new Promise((resolve) => (this.#resolve = resolve));
    this.#call = new SourcedCall(first.options);
    this.#context = LayerContext.of(first.breaker, first.work, this.#call, true).forAttempt(first.attempt);
    this.#onEnd = onEnd;
  }

  /** Source of the result. */
  get source(): AnswerSource {
    return this.#call.source;
  }

  start(work: LayerWork): void {
    const end = () => this.#end();
    const running = work(this.#context);
    whenSettled(running, end, end);
    this.#resolve(running);
  }

  /** Keeps a copy of a response before the first caller can read its body. */
  keepCopy(value: unknown): void {
    if (this.#callers > 1 && isResponse(value)) this.#response = cloneResponse(value);
  }

  /** Returns the value for a caller that has joined: a response with a body of its own, or the value itself. */
  readonly copyForJoined = (value: unknown): unknown => this.#response?.clone() ?? value;

  /** Adds a caller, and returns the result for it. @param isFirst whether the call was started for this caller. */
  join(context: LayerContext, isFirst: boolean): Promise<unknown> {
    this.#callers++;
    requestKeepAlive?.keep(this.result, () => undefined);
    if (context.abortSource === undefined) return this.#withSource(this.result, context);
    const caller = new FlightCaller(this, context, isFirst);
    caller.abortWith(context.abortSource);
    return this.#withSource(caller.settleWith(this.result), context);
  }

  /** Removes a caller that has aborted. */
  leave(reason: unknown, holder: SlotHolder | undefined): void {
    if (--this.#callers > 0 || this.#ended) return;
    this.#end();
    this.#context.abort(reason, holder);
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

  #end(): void {
    this.#ended = true;
    this.#onEnd();
  }
}

/** A caller that may abort before the shared call has settled. */
class FlightCaller extends AbortableRun {
  readonly #flight: SingleFlight;
  readonly #slotHolder: SlotHolder | undefined;

  constructor(flight: SingleFlight, context: LayerContext, isFirst: boolean) {
    super(context.createChild());
    this.#flight = flight;
    this.#slotHolder = isFirst ? context.slotHolder : undefined;
  }

  override abort(reason: unknown, holder?: SlotHolder): void {
    super.abort(reason, holder);
    this.#slotHolder?.hold(this.#flight.result);
    this.#flight.leave(reason, holder);
  }
}
