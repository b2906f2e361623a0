import type { FallbackContext, FallbackStrategy } from 'fusewire';

/** Error of the calls that fail. */
export const down = new Error('down');
/** Work that fails with `down`. */
export const fails = () => Promise.reject(down);

/** Returns a strategy that records its name in `seen` when it runs. */
export function recorded(name: string, seen: string[], execute: FallbackStrategy['execute'], priority?: number) {
  const run: FallbackStrategy['execute'] = (error, context) => {
    seen.push(name);
    return execute(error, context);
  };
  return { name, priority, execute: run };
}

/** Strategy function that gives no answer. */
export const failing = () => Promise.reject(new Error('no answer'));

/** Returns a strategy that answers with a value, or with that of a function. */
export function degraded<T>(
  answer: T | ((context: FallbackContext) => T | PromiseLike<T>),
  options: Partial<FallbackStrategy<T>> = {},
): FallbackStrategy<T> {
  const create = typeof answer === 'function' ? (answer as (context: FallbackContext) => T) : () => answer;
  return { name: 'degraded', ...options, execute: (_error, context) => create(context) };
}
