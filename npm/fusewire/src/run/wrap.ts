import type { CallContext } from './call-context.ts';

/**
 * Returns a function that runs `fn` by `execute`, with the context of the call, the same arguments and the same `this`.
 *
 * @param subject kind and name of the object whose `wrap` was called, for the error.
 */
export function wrapFunction<This, Arguments extends unknown[], Result, Settled>(
  subject: string,
  fn: (this: This, call: CallContext, ...args: Arguments) => Result,
  execute: (work: (call: CallContext) => Result, args: Arguments) => Promise<Settled>,
): (this: This, ...args: Arguments) => Promise<Settled> {
  if (typeof fn !== 'function') throw new TypeError(`${subject}: wrap takes a function`);
  return function (this: This, ...args: Arguments) {
    return execute((call) => fn.call(this, call, ...args), args);
  };
}
