import type { LayerContext } from './layer-context.ts';
import { asPromise, rejectedPromise } from './promises.ts';

/** Calls the work, inside all layers. Returns a rejected promise if it throws. */
export function invoke(context: LayerContext): Promise<unknown> {
  const { work } = context;
  try {
    return asPromise(work(context), context.breaker);
  } catch (error) {
    return rejectedPromise(error);
  }
}
