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
import type { SourcedAnswer } from '../run/answer-source.ts';
import { LayerContext } from '../run/layer-context.ts';

/** Key of a property that exists only in types: the values that a policy may return besides those of the work. */
export declare const OTHER: unique symbol;

/**
 * Key of a method that exists only in types: whether each call must have the option `key`. A method, so that `ReturnType` of a
 * factory is no `any`.
 */
export declare const KEYED: unique symbol;

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

  /** Runs `work` like {@link execute}, and returns the source of the answer with it. */
  executeWithSource<Result extends ObservableLike<unknown>>(
    work: ((context: CallContext) => Result) & IfObservable<Result>,
    ...options: CallArguments<Keyed>
  ): Promise<SourcedAnswer<FirstValue<Result> | Other>>;
  executeWithSource<T>(
    work: (context: CallContext) => T | PromiseLike<T>,
    ...options: CallArguments<Keyed>
  ): Promise<SourcedAnswer<Awaited<T> | Other>>;
  executeWithSource<T>(
    work: (context: CallContext) => T | PromiseLike<T>,
    options?: PolicyCallOptions,
  ): Promise<SourcedAnswer<Awaited<T> | Other>> {
    const handled = handleObservables(work, this.observables);
    return startSourced(this.name, this.runLayers, handled, options) as Promise<SourcedAnswer<Awaited<T> | Other>>;
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

/** Starts a call, and returns the source of the answer with it. */
function startSourced(
  name: string,
  run: LayerWork,
  work: UserWork,
  options: PolicyCallOptions | undefined,
): Promise<SourcedAnswer<unknown>> {
  const isInvalid = options !== undefined && (typeof options !== 'object' || options === null);
  const call = isInvalid ? undefined : new SourcedCall(options);
  const answer = start(name, run, work, call ?? options);
  return whenSettled(
    answer,
    (value) => ({ value, source: call?.source }),
    (error) => new Rejection(error),
  ) as Promise<SourcedAnswer<unknown>>;
}
