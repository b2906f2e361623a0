import { reportFault } from '../logging.ts';
import type { CallContext } from './call-context.ts';
import type { UserWork } from './call-options.ts';
import { subscribableOf } from './observables.ts';
import type { ObservableHandling, Subscribable } from './observables.ts';
import { isThenable, whenSettled, Rejection } from './promises.ts';

/** Returns work that does not return an Observable but a promise of its first value, if the option says so. */
export function handleObservables<Work>(work: Work, handling: ObservableHandling | undefined): Work {
  if (handling !== 'first-value' || typeof work !== 'function') return work;
  const run = work as unknown as UserWork;
  return ((context: CallContext) => firstValueOf(run(context), context)) as Work;
}

/** Returns a promise of the first value of an Observable, also of one that a promise resolves with; other values as they are. */
export function firstValueOf(result: unknown, context: { readonly signal: AbortSignal }): unknown {
  const source = subscribableOf(result);
  if (source !== undefined) return subscribeOnce(source, context.signal);
  if (!isThenable(result)) return result;
  return whenSettled(
    Promise.resolve(result),
    (value) => {
      const inner = subscribableOf(value);
      return inner === undefined ? value : subscribeOnce(inner, context.signal);
    },
    (error) => new Rejection(error),
  );
}

/** Subscribes until the first value, the end, an error or an abort. */
function subscribeOnce(source: Subscribable, signal: AbortSignal): Promise<unknown> {
  return new Promise((fulfil, refuse) => {
    let subscription: unknown;
    let isOpen = true;
    const settle = (how: (result: unknown) => void, result: unknown): void => {
      if (!isOpen) return;
      isOpen = false;
      signal.removeEventListener('abort', onAbort);
      how(result);
      unsubscribe(subscription);
    };
    const onAbort = (): void => settle(refuse, signal.reason);
    if (signal.aborted) return refuse(signal.reason);
    signal.addEventListener('abort', onAbort);
    try {
      subscription = source.subscribe({
        next: (value: unknown) => settle(fulfil, value),
        error: (error: unknown) => settle(refuse, error),
        complete: () => settle(fulfil, undefined),
      });
    } catch (error) {
      settle(refuse, error);
    }
    if (!isOpen) unsubscribe(subscription);
  });
}

/** Ends a subscription, if there is one. An error of its teardown disturbs neither the call nor the abort of others. */
function unsubscribe(subscription: unknown): void {
  try {
    (subscription as { unsubscribe?(): void } | null | undefined)?.unsubscribe?.();
  } catch (error) {
    reportFault(undefined, 'fusewire: an Observable failed to unsubscribe', error);
  }
}
