import type { Logger } from '../logging.ts';

/** Called when a call without a signal rejects with an `AbortError` that counts as a failure. */
type AbortListener = (breaker: string, logger: Logger | undefined) => void;

/** Listener of the development warnings; undefined outside of development. */
export let abortListener: AbortListener | undefined;

/** Sets the listener, which must not throw. */
export function listenToForeignAborts(listener: AbortListener): void {
  abortListener = listener;
}

/** Whether an error is an `AbortError`, such as that of `fetch`. */
export function isAbortError(error: unknown): boolean {
  try {
    return (error as { readonly name?: unknown } | null | undefined)?.name === 'AbortError';
  } catch {
    // A revoked proxy, say.
    return false;
  }
}
