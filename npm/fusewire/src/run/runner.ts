import type { CallContext } from './call-context.ts';
import type { PolicyCallOptions, WrapOptions } from './call-options.ts';
import type { CallResult } from './results.ts';

/**
 * Anything that runs calls: a breaker, a policy or a pipeline. A function that takes a `Runner` works with each of them, and
 * with one of your own.
 *
 * @typeParam Other type of the values that it may return besides those of the work.
 */
export interface Runner<Other = never> {
  /** Name in errors and stats. */
  readonly name: string;
  /** Runs `work`, and settles with its value or with an error. */
  execute<T>(
    work: (context: CallContext) => T | PromiseLike<T>,
    options?: PolicyCallOptions,
  ): Promise<Awaited<T> | Other>;
  /** Runs `work`, and resolves with a result object. */
  tryExecute<T>(
    work: (context: CallContext) => T | PromiseLike<T>,
    options?: PolicyCallOptions,
  ): Promise<CallResult<Awaited<T> | Other>>;
  /** Returns a function that runs `fn`, with the context of the call before its arguments, and with its `this`. */
  wrap<This, Arguments extends unknown[], R>(
    fn: (this: This, call: CallContext, ...args: Arguments) => R,
    options?: WrapOptions<Arguments>,
  ): (this: This, ...args: Arguments) => Promise<Awaited<R> | Other>;
}
