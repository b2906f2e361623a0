import { impliedOutcome, OUTCOME } from './error-class.ts';
import type { ImpliedOutcome } from './error-class.ts';
import { withStackLimit } from './stacks.ts';

/** Creates the error of a call whose function has returned an Observable. */
export function createObservableError(name: string): TypeError {
  const message =
    `${name}: the function of a call returned an Observable, and nothing subscribes to it; ` +
    "convert it with firstValueFrom, or set the option observables: 'first-value'";
  return createCallError(message);
}

/** Creates the error of a stream whose function has returned no stream. */
export function createStreamError(name: string): TypeError {
  return createCallError(
    `${name}: the function of executeStream must return an async iterable or a ReadableStream, or a promise of one, ` +
      'such as the body of a Response',
  );
}

/** Creates the error of a call that was wrong itself. Every breaker ignores it, and no retry repeats it. */
export function createCallError(message: string): TypeError {
  // The call is below the frames of all layers.
  const error = withStackLimit(100, () => new TypeError(message));
  return Object.defineProperty(error, OUTCOME, { value: 'misuse' satisfies ImpliedOutcome });
}

/** Whether the call itself was wrong, so that its error says nothing about the dependency. */
export function isMisuse(error: unknown): boolean {
  return impliedOutcome(error) === 'misuse';
}
