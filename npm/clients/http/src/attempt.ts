import type { CallContext, Timeout } from 'fusewire';
import type { BodyLimits } from './body-limits.ts';
import { onAbort } from './abort-listening.ts';
import type { Caller } from './caller.ts';
import { countFailure } from './origins.ts';
import { isStream } from './request-bodies.ts';
import type { OutgoingRequest } from './requests.ts';
import { ResponseState } from './response-state.ts';
import { limitResponse } from './responses.ts';
import type { Route } from './routes.ts';
import type { TotalLimit } from './total-limit.ts';

/** Client that makes an attempt. */
export interface AttemptClient {
  readonly maxResponseSize: number;
  readonly idleTimeout: number;
  /** Returns the timeout of an attempt that begins now. */
  timeoutWithin(limit: TotalLimit | undefined): Timeout | undefined;
  /** Sends a request. `abort` ends it. */
  sendOnce(
    request: OutgoingRequest,
    signal: AbortSignal | undefined,
    abort: (reason: unknown) => void,
  ): Promise<Response>;
  /** Called with the error of an attempt that the caller has not aborted. */
  onError(error: unknown, request: OutgoingRequest): void;
}

/**
 * One attempt of a request, which holds a slot of the bulkhead until the body of the response has ended.
 *
 * It must not reference its response once that has arrived: a response that the caller drops could never be collected.
 */
export class Attempt implements BodyLimits {
  readonly maxSize: number;
  readonly idleTimeout: number;
  readonly #client: AttemptClient;
  readonly #request: OutgoingRequest;
  readonly #route: Route;
  readonly #context: CallContext;
  readonly #caller: Caller;
  /** Aborts the request; undefined if only its timeout can. A response then ends when its body is cancelled. */
  readonly #controller: AbortController | undefined;
  readonly #stopListening: (() => void)[] = [];
  #released: Promise<unknown> | undefined;
  #resolve: ((response: Response) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #free: (() => void) | undefined;

  constructor(client: AttemptClient, request: OutgoingRequest, route: Route, context: CallContext, caller: Caller) {
    this.#client = client;
    this.#request = request;
    this.#route = route;
    this.#context = context;
    this.#caller = caller;
    this.maxSize = client.maxResponseSize;
    this.idleTimeout = client.idleTimeout;
    const { signal, body } = request;
    if (!route.endsCalls && signal === undefined && !isStream(body)) return;
    this.#controller = new AbortController();
    this.#follow(context.signal);
    if (signal !== undefined) this.#follow(signal);
  }

  /** Sends the request once there is a slot. Resolves with the head of its response. */
  run(): Promise<Response> {
    const promise = new Promise<Response>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#released = this.#route
      .connect(() => this.#send(), this.#context, this.#caller.limit)
      .catch((error: unknown) => {
        this.#reject?.(error);
      });
    return promise;
  }

  abort(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  onEnd(): void {
    this.#stop();
    this.#free?.();
  }

  onFailure(error: unknown): void {
    if (!this.#caller.hasLeft) countFailure(this.#route.breaker, error);
  }

  /** Sends the request. Resolves when the body of its response has ended. */
  #send(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#free = resolve;
      this.#head().then(
        (response) => this.#onHead(response, reject),
        (error: unknown) => this.#onError(error, reject),
      );
    });
  }

  #head(): Promise<Response> {
    const timeout = this.#client.timeoutWithin(this.#caller.limit);
    return timeout === undefined ? this.#fetch(undefined) : timeout.execute((context) => this.#fetch(context));
  }

  #fetch(timed: CallContext | undefined): Promise<Response> {
    const controller = this.#controller;
    if (controller === undefined) return this.#client.sendOnce(this.#request, timed?.signal, () => {});
    if (timed !== undefined) this.#follow(timed.signal);
    return this.#client.sendOnce(this.#request, controller.signal, (reason) => controller.abort(reason));
  }

  #onHead(response: Response, reject: (error: unknown) => void): void {
    let limited;
    try {
      limited = limitResponse(response, this);
    } catch (error) {
      return this.#onError(error, reject);
    }
    if (this.#released !== undefined) ResponseState.setReleased(limited, this.#released);
    this.#resolve?.(limited);
    this.#resolve = this.#reject = undefined;
  }

  #onError(error: unknown, reject: (error: unknown) => void): void {
    this.#stop();
    if (!this.#caller.hasLeft) this.#client.onError(error, this.#request);
    reject(error);
  }

  #follow(signal: AbortSignal): void {
    this.#stopListening.push(onAbort(signal, (reason) => this.#controller?.abort(reason)));
  }

  #stop(): void {
    for (const stop of this.#stopListening) stop();
  }
}
