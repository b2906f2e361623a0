import type { CallContext } from '../run/call-context.ts';
import type { PolicyCallOptions, UserWork } from '../run/call-options.ts';
import type { Layer, LayerWork, PolicyKind } from '../run/layer.ts';
import { invalidPolicyCall } from '../run/arguments.ts';
import { asPromise, Rejection, rejectedPromise, suppressUnhandledRejection, whenSettled } from '../run/promises.ts';
import { SignalSource } from '../run/abort-signals.ts';
import { AbortableRun } from '../run/abortable-run.ts';
import { SourcedCall } from '../run/answer-source.ts';
import type { SourcedAnswer } from '../run/answer-source.ts';
import { LayerContext } from '../run/layer-context.ts';

/** Whether something that was given is a layer. */
export function isLayer(given: unknown): given is Layer {
  return given instanceof Policy;
}

/** There for the compiler only: what a policy may answer beside what the work does. */
export declare const OTHER: unique symbol;

/**
 * Something that runs calls: alone, or as a layer of a `pipeline`.
 *
 * @typeParam Other what it may answer beside what the work does.
 */
export abstract class Policy<Other = never> {
  declare readonly [OTHER]: Other;
  /** The name in errors and stats. */
  readonly name: string;
  readonly #alone: LayerWork = (context) => this.run(invoke, context);

  constructor(name: string) {
    this.name = name;
  }

  /**
   * Runs `work` under this policy, and settles with the same value or the same error unless the policy decides otherwise.
   *
   * Rejects with the signal's reason as soon as the caller's signal aborts, and with a `TypeError` if `work` or `options`
   * are not what they should be. Never throws.
   */
  execute<T>(
    work: (context: CallContext) => T | PromiseLike<T>,
    options?: PolicyCallOptions,
  ): Promise<Awaited<T> | Other> {
    return start(this.name, this.#alone, work, options) as Promise<Awaited<T> | Other>;
  }

  /** Like {@link execute}, but tells where the answer comes from. */
  executeWithSource<T>(
    work: (context: CallContext) => T | PromiseLike<T>,
    options?: PolicyCallOptions,
  ): Promise<SourcedAnswer<Awaited<T> | Other>> {
    return startSourced(this.name, this.#alone, work, options) as Promise<SourcedAnswer<Awaited<T> | Other>>;
  }

  /** @internal */
  abstract readonly kind: PolicyKind;

  /** @internal */
  abstract run(work: LayerWork, context: LayerContext): Promise<unknown>;
}

/** Starts a call: what every `execute` of a policy does. */
export function start(
  name: string,
  run: LayerWork,
  work: UserWork,
  options: PolicyCallOptions | undefined,
): Promise<unknown> {
  if (options === undefined && typeof work === 'function') return run(LayerContext.of(name, work, undefined, false));
  const signal = options?.signal;
  const fault = invalidPolicyCall(name, work, options, signal);
  if (fault !== undefined || signal?.aborted === true) {
    suppressUnhandledRejection(work);
    return rejectedPromise(fault ?? signal?.reason);
  }
  const context = LayerContext.of(name, work, options, signal !== undefined);
  if (signal === undefined) return run(context);
  const ending = new AbortableRun(context);
  ending.abortWith(SignalSource.of(signal));
  return ending.settleWith(run(context));
}

/** Starts a call whose caller asks where the answer comes from. */
export function startSourced(
  name: string,
  run: LayerWork,
  work: UserWork,
  options: PolicyCallOptions | undefined,
): Promise<SourcedAnswer<unknown>> {
  const isMisused = options !== undefined && (typeof options !== 'object' || options === null);
  const call = isMisused ? undefined : new SourcedCall(options);
  const answer = start(name, run, work, call ?? options);
  return whenSettled(
    answer,
    (value) => ({ value, source: call?.source }),
    (error) => new Rejection(error),
  ) as Promise<SourcedAnswer<unknown>>;
}

/** Calls the work itself, inside of every layer; what it throws is a rejection. */
export function invoke(context: LayerContext): Promise<unknown> {
  const { work } = context;
  try {
    const promise = asPromise(work(context));
    context.trackWork(promise);
    return promise;
  } catch (error) {
    return rejectedPromise(error);
  }
}
