import type { CallOptions, PolicyCallOptions } from './call-options.ts';
import type { FirstValue, ObservableLike } from './observables.ts';

/** `ReadableStream` of the web, in the types of `executeStream`. */
export interface ReadableLike<Item = unknown> {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Item | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
  pipeThrough: unknown;
}

/** Source of a stream: an async iterable, such as a `Readable` of Node, or a `ReadableStream`. */
export type StreamSource = AsyncIterable<unknown> | ReadableLike;

/** Type of the items of a source. */
export type ItemOf<Source> =
  Source extends AsyncIterable<infer Item> ? Item : Source extends ReadableLike<infer Item> ? Item : never;

/** Type of the stream that a source is read through: a `ReadableStream` like the source, or an async iterator. */
export type StreamOf<Source> = Source extends ReadableLike ? Source : AsyncIterableIterator<ItemOf<Source>>;

/**
 * Result of `executeStream`. Awaited, it is the stream, once the first item has arrived. It is iterable itself, too, so that
 * `for await` needs no second `await`.
 */
export type StreamResult<Source, Other = never> = Promise<StreamOf<Source> | Other> & AsyncIterable<ItemOf<Source>>;

/** Time limits of a stream. They run only while an item is awaited, and not while the consumer is busy with one. */
export interface StreamLimits {
  /**
   * Milliseconds until the first item: 1 to 2 147 483 647. It takes the place of the call timeout of the breaker, and of the
   * timeouts inside the breaker. Default: those timeouts.
   */
  readonly firstItem?: number | undefined;
  /** Milliseconds between the request for each further item and its arrival: 1 to 2 147 483 647. Default: no limit. */
  readonly betweenItems?: number | undefined;
}

/** Options of one stream through a breaker. */
export interface StreamOptions extends CallOptions, StreamLimits {}

/** Options of one stream through a policy or a pipeline. */
export interface PolicyStreamOptions extends PolicyCallOptions, StreamLimits {}

/** Result of work that is no plain value for `execute`: an Observable, or a stream that nobody has read. */
export type SpecialResult = ObservableLike<unknown> | StreamSource | PromiseLike<StreamSource>;

/** Value of a call whose work returns a {@link SpecialResult}. */
export type SpecialValue<Result> = Result extends ObservableLike<unknown> ? FirstValue<Result> : StreamNotRead;

/**
 * Value of a call of `execute` whose work returns a stream. The call has counted as a success although nobody has read the
 * stream. Use `executeStream`, or read the stream inside the work.
 */
export interface StreamNotRead {
  readonly 'execute() has counted a stream that nobody has read; use executeStream()': never;
}

/** Type to which a function belongs only if it returns a {@link SpecialResult}, and neither `any` nor `never`. */
export type IfSpecial<Result> = 0 extends 1 & Awaited<Result>
  ? never
  : [Awaited<Result>] extends [never]
    ? never
    : Result extends ObservableLike<unknown>
      ? unknown
      : Awaited<Result> extends StreamSource
        ? Awaited<Result> extends ConnectionOrAnswer
          ? never
          : unknown
        : never;

/** A socket, or the answer of a server, which has a status. They are results, as a `Response` is. */
type ConnectionOrAnswer = { write: unknown } | { statusCode?: number | undefined; headers: unknown };
