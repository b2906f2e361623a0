import { withStackLimit } from '../errors/stacks.ts';

/** Stacks of calls, by the context of the call. They end with it. */
const sites = new WeakMap<object, Error>();
/** Frames of a call that belong to the layers above its own. */
const OWN_FRAMES = 20;

/** Captures the stack of the code that makes a call. It is formatted only if the call times out. */
export function captureCallSite(context: object): void {
  sites.set(
    context,
    withStackLimit(Error.stackTraceLimit + OWN_FRAMES, () => new Error()),
  );
}

/** Gives an error the stack of the call, if it was captured. */
export function applyCallSite(error: Error, context: object): void {
  const stack = sites.get(context)?.stack;
  if (stack === undefined) return;
  const value = stack.replace(/^Error(?=\n)/, () => String(error));
  Object.defineProperty(error, 'stack', { value, configurable: true, writable: true });
}
