import type { Logger } from '../logging.ts';
import type { CallContext } from './call-context.ts';

/** Watches calls for mistakes that only calls reveal. It must not throw. */
export interface CallWatch {
  /**
   * Called when work was started.
   *
   * @param running promise of the work.
   */
  onWork(context: CallContext, running: Promise<unknown>, logger: Logger | undefined): void;
  /** Called when a call without a signal rejects with an `AbortError` that counts as a failure. */
  onForeignAbort(breaker: string, logger: Logger | undefined): void;
  /** Called when a circuit has rejected a call whose work was a promise. */
  onPromiseRejected(breaker: string, logger: Logger | undefined): void;
  /** Called when a retry does not repeat a call, because its work may have happened, and nothing says that it may run twice. */
  onNotRepeated(policy: string): void;
}

/** Watch of the development warnings; undefined outside of development. */
export let callWatch: CallWatch | undefined;

/** Installs the watch of later calls. */
export function watchCalls(watch: CallWatch | undefined): void {
  callWatch = watch;
}
