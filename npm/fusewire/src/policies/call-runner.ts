import type { CallContext } from '../run/call-context.ts';
import type { CallArguments, PolicyCallOptions, UserWork, WrapArguments, WrapOptions } from '../run/call-options.ts';
import type { LayerWork } from '../run/layer.ts';
import { handleObservables } from '../run/first-value.ts';
import type { ObservableHandling } from '../run/observables.ts';
import { invalidPolicyCall } from '../run/arguments.ts';
import { Rejection, rejectedPromise, suppressUnhandledRejection, whenSettled } from '../run/promises.ts';
import { SignalSource } from '../run/abort-signals.ts';
import { SignalledRun } from '../run/signalled-run.ts';
import { SourcedCall } from '../run/answer-source.ts';
import { errorResult } from '../run/results.ts';
import type { CallResult } from '../run/results.ts';
import { executeStream } from '../run/execute-stream.ts';
import type {
  IfSpecial,
  PolicyStreamOptions,
  SpecialResult,
  SpecialValue,
  StreamResult,
  StreamSource,
} from '../run/stream-types.ts';
import { wrapFunction } from '../run/wrap.ts';
import { isMisuse } from '../errors/misuse.ts';
import { defaultClock } from '../time/clock.ts';
import { withRuntimeTimers } from '../time/time-source.ts';
import type { TimeSource } from '../time/time-source.ts';
import { LayerContext } from '../run/layer-context.ts';

const RUNTIME_TIME = /* @__PURE__ */ withRuntimeTimers(defaultClock);

/** Key of a property that exists only in types: the values that a policy may return besides those of the work. */
export declare const OTHER: unique symbol;

/**
 * Key of a method that exists only in types: whether each call must have the option `key`. A method, so that `ReturnType` of a
 * factory is no `any`.
 */
export declare const KEYED: unique symbol;

/** Whether something demands the option `key` of each call. */
export type IsKeyed<Part> = Part extends { readonly [KEYED]: { is(keyed: infer Keyed): void } }
  ? [Keyed] extends [true]
    ? true
    : false
  : false;

/**
 * Base of policies and pipelines. It runs calls of the user.
 *
 * @typeParam Other type of the values that it may return besides those of the work.
 * @typeParam Keyed whether each call must have the option `key`.
 */
export abstract class CallRunner<Other, Keyed extends boolean = false> {
  declare readonly [OTHER]: Other;
  declare readonly [KEYED]: { is(keyed: Keyed): void };
  /** Name in errors and stats. */
  readonly name: string;
  /** @internal */
  observables: ObservableHandling | undefined;
  /** Clock and timers of the limits of a stream. @internal */
  streamTime: TimeSource = RUNTIME_TIME;
  /** Runs the work of a context through the layers. @internal */
  abstract readonly runLayers: LayerWork;

  /** @internal */
  constructor(name: string) {
    this.name = name;
  }

  /**
   * Runs `work` under this policy, or through every layer of this pipeline. It settles with the same value or the same error,
   * unless a layer decides otherwise.
   *
   * Rejects with the signal's reason as soon as the caller's signal aborts. Rejects with a `TypeError` if `work` or `options`
   * are invalid. Never throws.
   */
  execute<Result extends SpecialResult>(
    work: ((context: CallContext) => Result) & IfSpecial<Result>,
    ...options: CallArguments<Keyed>
  ): Promise<SpecialValue<Result> | Other>;
  execute<T>(
    work: (context: CallContext) => T | PromiseLike<T>,
    ...options: CallArguments<Keyed>
  ): Promise<Awaited<T> | Other>;
  execute<T>(
    work: (context: CallContext) => T | PromiseLike<T>,
    options?: PolicyCallOptions,
  ): Promise<Awaited<T> | Other> {
    return start(this.name, this.runLayers, handleObservables(work, this.observables), options) as Promise<
      Awaited<T> | Other
    >;
  }

  /**
   * Runs `work` like {@link execute}, but resolves with a result object, which has the source of the answer. Rejects only if
   * a breaker of it was disposed, or the call itself is wrong: its `work`, its `options`, or a value that a cache refuses.
   */
  tryExecute<Result extends SpecialResult>(
    work: ((context: CallContext) => Result) & IfSpecial<Result>,
    ...options: CallArguments<Keyed>
  ): Promise<CallResult<SpecialValue<Result> | Other>>;
  tryExecute<T>(
    work: (context: CallContext) => T | PromiseLike<T>,
    ...options: CallArguments<Keyed>
  ): Promise<CallResult<Awaited<T> | Other>>;
  tryExecute<T>(
    work: (context: CallContext) => T | PromiseLike<T>,
    options?: PolicyCallOptions,
  ): Promise<CallResult<Awaited<T> | Other>> {
    const handled = handleObservables(work, this.observables);
    return startForResult(this.name, this.runLayers, handled, options) as Promise<CallResult<Awaited<T> | Other>>;
  }

  /**
   * Runs `work`, which returns an async iterable or a `ReadableStream`. The call starts at once, and lasts until the stream ends.
   * It holds slots and probes until then, and a breaker counts it then.
   *
   * The result can be iterated. Awaited, it is the stream, once the first item has arrived: a `ReadableStream` if `work` returns
   * one, or else an async iterator. Errors before the first item reject it.
   *
   * Before the first item, a retry may repeat the work, and a fallback may answer in its place. Later errors reach the consumer.
   * The timeout of a breaker, and one inside it, limits the time to the first item. `firstItem` replaces both. Any other timeout
   * limits the whole stream. Hedges and caches let streams pass.
   */
  executeStream<Source extends StreamSource>(
    work: (context: CallContext) => Source | PromiseLike<Source>,
    options?: PolicyStreamOptions,
  ): StreamResult<Source, Other> {
    const { name, runLayers, streamTime: time } = this;
    return executeStream({ name, subject: 'Policy', time, runLayers }, work, options);
  }

  /**
   * Returns a function that runs `fn` like {@link execute}. `fn` receives the context of the call, and then the arguments, which
   * fallbacks receive, too; `this` stays the same.
   *
   * ```ts
   * const fetchUser = users.wrap(({ signal }, id: string) => fetch(`/users/${id}`, { signal }));
   * ```
   *
   * @param options their `key` returns the key of a call, for a cache; their `idempotent` holds for every call.
   * @throws {TypeError} if `fn` is not a function.
   */
  wrap<This, Arguments extends unknown[], Result extends SpecialResult>(
    fn: ((this: This, call: CallContext, ...args: Arguments) => Result) & IfSpecial<Result>,
    ...options: WrapArguments<Keyed, Arguments>
  ): (this: This, ...args: Arguments) => Promise<SpecialValue<Result> | Other>;
  wrap<This, Arguments extends unknown[], R>(
    fn: (this: This, call: CallContext, ...args: Arguments) => R,
    ...options: WrapArguments<Keyed, Arguments>
  ): (this: This, ...args: Arguments) => Promise<Awaited<R> | Other>;
  wrap<This, Arguments extends unknown[], R>(
    fn: (this: This, call: CallContext, ...args: Arguments) => R,
    options?: WrapOptions<Arguments>,
  ): (this: This, ...args: Arguments) => Promise<Awaited<R> | Other> {
    const { key, idempotent } = options ?? {};
    if (key !== undefined && typeof key !== 'function')
      throw new TypeError(`Policy ${this.name}: key must be a function`);
    return wrapFunction(`Policy ${this.name}`, fn, (work, args) => {
      let call: PolicyCallOptions;
      try {
        call = { args, idempotent, key: key?.(...(args as Arguments)) };
      } catch (error) {
        return rejectedPromise(error);
      }
      return start(this.name, this.runLayers, handleObservables(work, this.observables), call);
    }) as (this: This, ...args: Arguments) => Promise<Awaited<R> | Other>;
  }
}

/** Starts a call of a policy or pipeline: checks the arguments, and ends the call when the caller's signal aborts. */
function start(name: string, run: LayerWork, work: UserWork, options: PolicyCallOptions | undefined): Promise<unknown> {
  if (options === undefined && typeof work === 'function') return run(LayerContext.of(name, work, undefined));
  const signal = options?.signal;
  const invalid = invalidPolicyCall(name, work, options, signal);
  if (invalid !== undefined || signal?.aborted === true) {
    suppressUnhandledRejection(work);
    return rejectedPromise(invalid ?? signal?.reason);
  }
  if (signal === undefined) return run(LayerContext.of(name, work, options));
  const signalled = new SignalledRun();
  return signalled.start(run, LayerContext.of(name, work, options, signalled), SignalSource.of(signal));
}

/** Starts a call, and returns its result. */
function startForResult(
  name: string,
  run: LayerWork,
  work: UserWork,
  options: PolicyCallOptions | undefined,
): Promise<CallResult<unknown>> {
  const invalid = invalidPolicyCall(name, work, options, options?.signal);
  if (invalid !== undefined) {
    suppressUnhandledRejection(work);
    return rejectedPromise(invalid);
  }
  const call = new SourcedCall(options);
  return whenSettled(
    start(name, run, work, call),
    (value) => ({ status: 'success', value, source: call.source }),
    (error) => (isMisuse(error) ? new Rejection(error) : errorResult(error)),
  ) as Promise<CallResult<unknown>>;
}
