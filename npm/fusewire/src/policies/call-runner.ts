import type { CallContext } from '../run/call-context.ts';
import type { CallArguments, PolicyCallOptions, UserWork } from '../run/call-options.ts';
import type { LayerWork } from '../run/layer.ts';
import { handleObservables } from '../run/first-value.ts';
import type { FirstValue, IfObservable, ObservableHandling, ObservableLike } from '../run/observables.ts';
import { invalidPolicyCall } from '../run/arguments.ts';
import { Rejection, rejectedPromise, suppressUnhandledRejection, whenSettled } from '../run/promises.ts';
import { SignalSource } from '../run/abort-signals.ts';
import { SignalledRun } from '../run/signalled-run.ts';
import { SourcedCall } from '../run/answer-source.ts';
import { errorResult } from '../run/results.ts';
import type { CallResult } from '../run/results.ts';
import { wrapFunction } from '../run/wrap.ts';
import { BreakerDisposedError } from '../errors/breaker-disposed-error.ts';
import { LayerContext } from '../run/layer-context.ts';

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
   * Rejects with the signal's reason as soon as the caller's signal aborts, and with a `TypeError` if `work` or
   * `options` are invalid. Never throws.
   */
  execute<Result extends ObservableLike<unknown>>(
    work: ((context: CallContext) => Result) & IfObservable<Result>,
    ...options: CallArguments<Keyed>
  ): Promise<FirstValue<Result> | Other>;
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
   * a breaker of it was disposed, or `work` or `options` are invalid.
   */
  tryExecute<Result extends ObservableLike<unknown>>(
    work: ((context: CallContext) => Result) & IfObservable<Result>,
    ...options: CallArguments<Keyed>
  ): Promise<CallResult<FirstValue<Result> | Other>>;
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
   * Returns a function that runs `fn` like {@link execute}. `fn` receives the context of the call, and then the arguments, which
   * fallbacks receive, too; `this` stays the same.
   *
   * ```ts
   * const fetchUser = users.wrap(({ signal }, id: string) => fetch(`/users/${id}`, { signal }));
   * ```
   *
   * @throws {TypeError} if `fn` is not a function.
   */
  wrap<This, Arguments extends unknown[], Result extends ObservableLike<unknown>>(
    fn: ((this: This, call: CallContext, ...args: Arguments) => Result) & IfObservable<Result>,
  ): (this: This, ...args: Arguments) => Promise<FirstValue<Result> | Other>;
  wrap<This, Arguments extends unknown[], R>(
    fn: (this: This, call: CallContext, ...args: Arguments) => R,
  ): (this: This, ...args: Arguments) => Promise<Awaited<R> | Other>;
  wrap<This, Arguments extends unknown[], R>(
    fn: (this: This, call: CallContext, ...args: Arguments) => R,
  ): (this: This, ...args: Arguments) => Promise<Awaited<R> | Other> {
    return wrapFunction(`Policy ${this.name}`, fn, (work, args) =>
      start(this.name, this.runLayers, handleObservables(work, this.observables), { args }),
    ) as (this: This, ...args: Arguments) => Promise<Awaited<R> | Other>;
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
    (error) => (error instanceof BreakerDisposedError ? new Rejection(error) : errorResult(error)),
  ) as Promise<CallResult<unknown>>;
}
