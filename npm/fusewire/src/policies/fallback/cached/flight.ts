import { Rejection, whenSettled } from '../../../run/promises.ts';
import type { SlotHolder } from '../../../run/slot-holder.ts';
import { AbortableRun } from '../../../run/abortable-run.ts';
import { LayerContext } from '../../../run/layer-context.ts';
import type { LayerWork } from '../../../run/layer.ts';
import { requestKeepAlive } from '../../../time/request-keep-alive.ts';
import { recordSource, SourcedCall } from '../../../run/answer-source.ts';
import type { AnswerSource } from '../../../run/answer-source.ts';

/** One call that others wait for too. It goes on until it ends, or until the last who waits for it has left. */
export class Flight {
  /** What the call comes to. */
  readonly answer: Promise<unknown>;
  readonly #context: LayerContext;
  readonly #call: SourcedCall;
  readonly #onEnd: () => void;
  #resolve!: (running: Promise<unknown>) => void;
  #waiting = 0;
  #over = false;

  /** @param onEnd nobody can join any more. */
  constructor(first: LayerContext, onEnd: () => void) {
    this.answer = new Promise((resolve) => (this.#resolve = resolve));
    this.#call = new SourcedCall(first.options);
    this.#context = LayerContext.of(first.breaker, first.work, this.#call, true).forAttempt(first.attempt);
    this.#onEnd = onEnd;
  }

  /** Where its answer comes from. */
  get source(): AnswerSource {
    return this.#call.source;
  }

  start(work: LayerWork): void {
    const end = () => this.#end();
    const running = work(this.#context);
    whenSettled(running, end, end);
    this.#resolve(running);
  }

  /** The answer for one more who waits. @param isFirst the call was begun for this one. */
  join(context: LayerContext, isFirst: boolean): Promise<unknown> {
    this.#waiting++;
    requestKeepAlive?.keep(this.answer, () => undefined);
    if (context.abortSource === undefined) return this.#tell(this.answer, context);
    const waiter = new Waiter(this, context, isFirst);
    waiter.abortWith(context.abortSource);
    return this.#tell(waiter.settleWith(this.answer), context);
  }

  /** One who waited has left. */
  leave(reason: unknown, holder: SlotHolder | undefined): void {
    if (--this.#waiting > 0 || this.#over) return;
    this.#end();
    this.#context.abort(reason, holder);
  }

  #tell(answer: Promise<unknown>, context: LayerContext): Promise<unknown> {
    if (!(context.options instanceof SourcedCall)) return answer;
    return whenSettled(
      answer,
      (value) => {
        if (this.source !== 'call') recordSource(context, this.source);
        return value;
      },
      (error) => new Rejection(error),
    );
  }

  #end(): void {
    this.#over = true;
    this.#onEnd();
  }
}

/** One who waits, and may leave before the call has ended. */
class Waiter extends AbortableRun {
  readonly #flight: Flight;
  readonly #capacity: SlotHolder | undefined;

  constructor(flight: Flight, context: LayerContext, isFirst: boolean) {
    super(context.createChild());
    this.#flight = flight;
    this.#capacity = isFirst ? context.slotHolder : undefined;
  }

  override abort(reason: unknown, holder?: SlotHolder): void {
    super.abort(reason, holder);
    this.#capacity?.hold(this.#flight.answer);
    this.#flight.leave(reason, holder);
  }
}
