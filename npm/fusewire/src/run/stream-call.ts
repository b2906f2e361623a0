import type { Deadlines } from '../time/deadlines.ts';
import type { TimeSource } from '../time/time-source.ts';
import { SignalSource } from './abort-signals.ts';
import type { UserWork } from './call-options.ts';
import { LayerContext } from './layer-context.ts';
import type { LayerWork } from './layer.ts';
import { OptionsCopy } from './options-copy.ts';
import { Rejection, suppressUnhandledRejection, whenSettled } from './promises.ts';
import { SignalledRun } from './signalled-run.ts';
import { StreamAttempt } from './stream-attempt.ts';
import type { StreamOwner } from './stream-attempt.ts';
import { STREAM_END } from './stream-end.ts';
import { readableOf, StreamItems } from './stream-items.ts';
import type { ItemResult } from './stream-source.ts';
import type { PolicyStreamOptions } from './stream-types.ts';

/** Options of the call of a stream. The layers read from it that they run a stream. */
class StreamCallOptions extends OptionsCopy {
  /** Whether the first item has arrived, so that no layer may repeat the call or answer in its place. */
  hasStarted = false;
}

/** Whether a call is that of a stream. */
export function isStreamCall({ options }: LayerContext): boolean {
  return options instanceof StreamCallOptions;
}

/** Whether a call is that of a stream whose first item has arrived. */
export function hasStarted({ options }: LayerContext): boolean {
  return options instanceof StreamCallOptions && options.hasStarted;
}

/** Object that runs a stream: a breaker, a policy or a pipeline. */
export interface StreamRunner {
  readonly name: string;
  readonly subject: string;
  /** Clock and timers of the limits. */
  readonly time: TimeSource;
  readonly runLayers: LayerWork;
}

interface Request {
  readonly resolve: (result: ItemResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Opening {
  readonly resolve: (stream: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Ends streams that the consumer has dropped. A probe or a slot would be in use for ever otherwise. */
const collections =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : new FinalizationRegistry<StreamCall>((call) => suppressUnhandledRejection(call.cancel()));

/**
 * Call of a stream, from the request to the end of the stream. The layers run its attempts like any other work. The consumer
 * reads the one whose first item has arrived.
 */
export class StreamCall implements StreamOwner {
  readonly name: string;
  readonly subject: string;
  readonly work: UserWork;
  readonly firstItem: Deadlines | undefined;
  readonly betweenItems: Deadlines | undefined;
  isReadable = false;
  readonly #options: StreamCallOptions;
  readonly #run = new SignalledRun();
  /** Settles the promise of the stream; undefined once it has settled. */
  #opening: Opening | undefined;
  #attempt: StreamAttempt | undefined;
  #first: { readonly item: unknown } | undefined;
  #failure: { readonly error: unknown } | undefined;
  #hasEnded = false;
  readonly #requests: Request[] = [];

  constructor(runner: StreamRunner, work: UserWork, options: PolicyStreamOptions | undefined) {
    const { firstItem, betweenItems } = options ?? {};
    this.name = runner.name;
    this.subject = runner.subject;
    this.work = work;
    this.firstItem = firstItem === undefined ? undefined : runner.time.deadlinesOf(firstItem);
    this.betweenItems = betweenItems === undefined ? undefined : runner.time.deadlinesOf(betweenItems);
    this.#options = new StreamCallOptions(options);
  }

  /** Starts the call. Returns the promise of the stream. */
  start({ name, runLayers }: StreamRunner): Promise<unknown> {
    const opened = new Promise<unknown>((resolve, reject) => (this.#opening = { resolve, reject }));
    const { signal } = this.#options;
    const open = (context: unknown) => {
      const outer = context as LayerContext;
      return new StreamAttempt(this, outer).start(outer);
    };
    const context = LayerContext.of(name, open, this.#options, this.#run);
    void whenSettled(
      this.#run.start(runLayers, context, signal && SignalSource.of(signal)),
      (value) => this.#onEnd(value),
      (error) => this.#onError(error),
    );
    return opened;
  }

  onFirstItem(attempt: StreamAttempt, item: unknown): void {
    this.#options.hasStarted = true;
    this.#attempt = attempt;
    this.#first = { item };
    this.#open();
  }

  onItem(item: unknown): void {
    this.#requests.shift()?.resolve({ done: false, value: item });
    this.#serve();
  }

  /** Returns the next item. Requests are served in their order, one at a time. */
  next(): Promise<ItemResult> {
    return new Promise((resolve, reject) => {
      if (this.#requests.push({ resolve, reject }) === 1) this.#serve();
    });
  }

  /** Ends the stream early. Resolves when its source has closed, unless an item is awaited that may never come. */
  cancel(reason: unknown = new DOMException('The consumer has ended the stream', 'AbortError')): Promise<unknown> {
    if (this.#hasEnded || this.#failure !== undefined) return Promise.resolve();
    const isWaiting = this.#requests.length > 0;
    this.#hasEnded = true;
    this.#serve();
    this.#run.abort(reason);
    const closing = isWaiting ? undefined : this.#attempt?.closing;
    if (closing === undefined) return Promise.resolve();
    // The source may have heard the abort of its own signal.
    return whenSettled(closing, undefined, (error) => (error === reason ? undefined : new Rejection(error)));
  }

  /** Serves the requests that need no further item, and asks the source for the next one. */
  #serve(): void {
    for (let request = this.#requests[0]; request !== undefined; request = this.#requests[0]) {
      const failure = this.#failure;
      const first = this.#first;
      // An attempt that has ended early keeps its item: the reason of the end comes next.
      const isReady = first !== undefined && this.#attempt?.isOpen === true;
      if (!this.#hasEnded && failure === undefined && !isReady) return this.#attempt?.pull();
      this.#requests.shift();
      this.#first = this.#failure = undefined;
      if (failure !== undefined) this.#hasEnded = true;
      if (failure !== undefined) request.reject(failure.error);
      else if (this.#hasEnded || first === undefined) request.resolve({ done: true, value: undefined });
      else request.resolve({ done: false, value: first.item });
    }
  }

  #onEnd(value: unknown): void {
    if (value !== STREAM_END) return this.#opening?.resolve(value);
    this.#hasEnded = true;
    this.#open();
    this.#serve();
  }

  /** Hands the stream to the consumer. The call does not refer to it, so that it is collected once the consumer drops it. */
  #open(): void {
    const opening = this.#opening;
    if (opening === undefined) return;
    this.#opening = undefined;
    const stream = this.isReadable ? readableOf(this) : new StreamItems(this);
    collections?.register(stream, this);
    opening.resolve(stream);
  }

  #onError(error: unknown): void {
    this.#opening?.reject(error);
    this.#opening = undefined;
    if (this.#hasEnded) return;
    this.#failure = { error };
    this.#serve();
  }
}
