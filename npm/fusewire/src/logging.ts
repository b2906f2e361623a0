import { isThenable } from './run/promises.ts';

/**
 * Logger of a breaker, such as `console`. It receives transitions (`warn` for an opening, otherwise `info`), and faults that
 * no caller sees (`error`). If it throws or rejects, the error is ignored.
 */
export interface Logger {
  debug(message: string, details?: unknown): unknown;
  info(message: string, details?: unknown): unknown;
  warn(message: string, details?: unknown): unknown;
  error(message: string, details?: unknown): unknown;
}

/** Counters of the faults of a breaker that no caller sees. */
export class FaultCounts {
  lateCompletions = 0;
  listenerErrors = 0;
  predicateErrors = 0;
  engineErrors = 0;
}

/** Levels of a {@link Logger}. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly (keyof Logger)[];

/** Writes to a logger, and ignores its errors. */
export function log(logger: Logger, level: keyof Logger, message: string, details: unknown): void {
  try {
    ignoreReturnedRejection(logger[level](message, details));
  } catch {
    // Nobody is left to report it to.
  }
}

/** Reports a fault that no caller sees: to the logger, or without one as a warning of the process. */
export function reportFault(logger: Logger | undefined, message: string, error: unknown): void {
  if (logger !== undefined) {
    log(logger, 'error', message, error);
    return;
  }
  try {
    const text = `${message}: ${describeError(error)}`;
    if (typeof process === 'object' && typeof process.emitWarning === 'function') {
      process.emitWarning(text, { type: 'FusewireWarning', detail: stackOf(error) });
    } else {
      console.warn(text);
    }
  } catch {
    // Nobody is left to report it to.
  }
}

/** Calls `handler` if the return value of a user's function is a promise that rejects. */
export function catchRejection(returned: unknown, handler: (reason: unknown) => void): void {
  if (isThenable(returned)) Promise.resolve(returned).then(undefined, handler);
}

function ignoreReturnedRejection(returned: unknown): void {
  catchRejection(returned, () => undefined);
}

/** Returns the name and message of an error in one line. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
