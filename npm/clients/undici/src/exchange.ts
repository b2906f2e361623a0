import { countFailure, isFailedResponse, kindOf, responseErrorOf } from '@fusewire/http';
import type { Now } from '@fusewire/http';
import type { CircuitBreaker } from 'fusewire';
import type { Dispatcher } from 'undici';

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Handler['onResponseStart']>>[2];

/** One request, which a breaker judges by the head of its response, or by the error that came in its place. */
export class Exchange implements Handler {
  readonly #handler: Handler;
  readonly #breaker: CircuitBreaker;
  readonly #now: Now;
  readonly #leaving = new AbortController();
  #controller: Controller | undefined;
  #succeed!: () => void;
  #fail!: (error: unknown) => void;
  /** The breaker has its answer. */
  #isJudged = false;
  /** The response is there to its end. */
  #isComplete = false;
  /** The handler has been told of the end. */
  #isOver = false;

  constructor(handler: Handler, breaker: CircuitBreaker, now: Now) {
    this.#handler = handler;
    this.#breaker = breaker;
    this.#now = now;
  }

  /** Sends the request, if the breaker admits it. Returns whether more may be sent at once, as `dispatch` does. */
  run(dispatch: (observed: Handler) => boolean): boolean {
    let goesOn = true;
    const work = () => {
      const judgement = new Promise<void>((resolve, reject) => {
        this.#succeed = resolve;
        this.#fail = reject;
      });
      goesOn = dispatch(this);
      return judgement;
    };
    this.#breaker.execute(work, { signal: this.#leaving.signal }).catch((error: unknown) => this.#end(error as Error));
    return goesOn;
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error('The request is over'));
    else this.#handler.onRequestStart?.(controller, context);
  }

  onRequestUpgrade(
    ...[controller, status, headers, socket]: Parameters<NonNullable<Handler['onRequestUpgrade']>>
  ): void {
    this.#judge();
    this.#handler.onRequestUpgrade?.(controller, status, headers, socket);
  }

  onResponseStart(controller: Controller, status: number, headers: Headers, message?: string): void {
    if (this.#isOver) return;
    const response = { statusCode: status, headers };
    const isFinal = status >= 200;
    if (isFinal) this.#judge(isFailedResponse(response) ? responseErrorOf(response, this.#now) : undefined);
    this.#handler.onResponseStart?.(controller, status, headers, message);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.#isOver) this.#handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Controller, trailers: Headers): void {
    if (this.#isOver) return;
    this.#isComplete = true;
    // A handler may throw here, as that of a retry does, to be told of the error in its turn.
    this.#handler.onResponseEnd?.(controller, trailers);
    this.#isOver = true;
  }

  onResponseError(controller: Controller, error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const isAborted = controller?.aborted === true;
    if (this.#isJudged) {
      if (!isAborted && !this.#isComplete) countFailure(this.#breaker, error);
    } else {
      if (isAborted && kindOf(error) !== 'timeout') this.#leaving.abort(error);
      this.#judge(error);
    }
    this.#handler.onResponseError?.(controller, error);
  }

  /** What was sent is told otherwise by undici 7. */
  onBodySent(...sent: Parameters<NonNullable<Handler['onBodySent']>>): void {
    this.#handler.onBodySent?.(...sent);
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.();
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  #judge(error?: Error): void {
    this.#isJudged = true;
    if (error === undefined) this.#succeed();
    else this.#fail(error);
  }

  /** The breaker has not admitted the request, or ended it; or judged it, which the handler knows already. */
  #end(error: Error): void {
    if (this.#isJudged || this.#isOver) return;
    this.#isOver = true;
    this.#handler.onResponseError?.(this.#controller as Controller, error);
    this.#controller?.abort(error);
  }
}
