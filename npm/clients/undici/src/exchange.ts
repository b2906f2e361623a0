import { httpErrorKind } from '@fusewire/http';
import { CallerAbort, countFailure, isFailedResponse, responseErrorOf } from '@fusewire/http/kit';
import type { Now, OriginBreakers } from '@fusewire/http/kit';
import type { CircuitBreaker } from 'fusewire';
import type { Dispatcher } from 'undici';

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Handler['onResponseStart']>>[2];

/** Handler of one request. The breaker counts the call by the head of its response, or by the error in its place. */
export class Exchange implements Handler {
  readonly #handler: Handler;
  readonly #breaker: CircuitBreaker;
  readonly #now: Now;
  /** Aborts with the caller; undefined if the breaker ignores a `CallerAbort`. */
  readonly #callerAbort: AbortController | undefined;
  #controller: Controller | undefined;
  #succeed!: () => void;
  #fail!: (error: unknown) => void;
  /** Whether the call of the breaker has been settled. */
  #isSettled = false;
  /** Whether the response has been received to its end. */
  #isComplete = false;
  /** Whether the handler has received the end of the response or an error. */
  #isOver = false;

  constructor(handler: Handler, breaker: CircuitBreaker, { now, ignoresAborts }: OriginBreakers) {
    this.#handler = handler;
    this.#breaker = breaker;
    this.#now = now;
    this.#callerAbort = ignoresAborts ? undefined : new AbortController();
  }

  /** Sends the request if the breaker admits it. Returns false while the dispatcher is busy, as `dispatch` does. */
  run(dispatch: (handler: Handler) => boolean): boolean {
    let acceptsMore = true;
    const work = () => {
      const outcome = new Promise<void>((resolve, reject) => {
        this.#succeed = resolve;
        this.#fail = reject;
      });
      acceptsMore = dispatch(this);
      return outcome;
    };
    const signal = this.#callerAbort?.signal;
    this.#breaker.execute(work, signal && { signal }).catch((error: unknown) => this.#onReject(error as Error));
    return acceptsMore;
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error('The request is over'));
    else this.#handler.onRequestStart?.(controller, context);
  }

  onRequestUpgrade(
    ...[controller, status, headers, socket]: Parameters<NonNullable<Handler['onRequestUpgrade']>>
  ): void {
    this.#settle();
    this.#handler.onRequestUpgrade?.(controller, status, headers, socket);
  }

  onResponseStart(controller: Controller, status: number, headers: Headers, message?: string): void {
    if (this.#isOver) return;
    if (status >= 400) this.#settleFailed({ statusCode: status, headers });
    else if (status >= 200) this.#settle();
    this.#handler.onResponseStart?.(controller, status, headers, message);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.#isOver) this.#handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Controller, trailers: Headers): void {
    if (this.#isOver) return;
    this.#isComplete = true;
    // The handler may throw here, as that of a retry does, and then receives the error through onResponseError().
    this.#handler.onResponseEnd?.(controller, trailers);
    this.#isOver = true;
  }

  onResponseError(controller: Controller, error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const isAborted = controller?.aborted === true;
    if (this.#isSettled) {
      if (!isAborted && !this.#isComplete) countFailure(this.#breaker, error);
    } else {
      const isLeft = isAborted && httpErrorKind(error) !== 'timeout';
      if (isLeft) this.#callerAbort?.abort(error);
      this.#settle(isLeft ? new CallerAbort(error.message, { cause: error }) : error);
    }
    this.#handler.onResponseError?.(controller, error);
  }

  /** Forwards an event that only undici 7 has, as the two that follow. */
  onBodySent(...sent: Parameters<NonNullable<Handler['onBodySent']>>): void {
    this.#handler.onBodySent?.(...sent);
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.();
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  #settleFailed(response: { readonly statusCode: number; readonly headers: Headers }): void {
    this.#settle(isFailedResponse(response) ? responseErrorOf(response, this.#now) : undefined);
  }

  #settle(error?: Error): void {
    this.#isSettled = true;
    if (error === undefined) this.#succeed();
    else this.#fail(error);
  }

  /** Passes a rejection or a timeout of the breaker to the handler. Errors of the request have reached it already. */
  #onReject(error: Error): void {
    if (this.#isSettled || this.#isOver) return;
    this.#isOver = true;
    this.#handler.onResponseError?.(this.#controller as Controller, error);
    this.#controller?.abort(error);
  }
}
