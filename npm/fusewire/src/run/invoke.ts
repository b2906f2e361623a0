import type { Logger } from '../logging.ts';
import type { CallContext } from './call-context.ts';
import type { UserWork } from './call-options.ts';
import { callWatch } from './call-watch.ts';
import type { LayerContext } from './layer-context.ts';
import { asPromise, rejectedPromise } from './promises.ts';

/** Calls the work, inside all layers. Returns a rejected promise if it throws. */
export function invoke(context: LayerContext): Promise<unknown> {
  try {
    return startWork(context.work, context);
  } catch (error) {
    return rejectedPromise(error);
  }
}

/** Starts work of the user, which may be a promise. Throws what it throws. */
export function startWork(
  work: UserWork | PromiseLike<unknown>,
  context: CallContext,
  logger?: Logger,
): Promise<unknown> {
  const running = asPromise(typeof work === 'function' ? work(context) : work, context.breaker);
  if (callWatch !== undefined) callWatch.onWork(context, running, logger);
  return running;
}
