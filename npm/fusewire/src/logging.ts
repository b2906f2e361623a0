import { isThenable } from './run/promises.ts';

/**
 * Where a breaker writes: transitions (`warn` for an opening, else `info`), and faults that it kept from the callers
 * (`error`). `console` is one. A logger that throws or rejects is ignored.
 */
export interface Logger {
  debug(message: string, details?: unknown): unknown;
  info(message: string, details?: unknown): unknown;
  warn(message: string, details?: unknown): unknown;
  error(message: string, details?: unknown): unknown;
}

/** What went wrong in a breaker without any caller seeing it. */
export class FaultCounts {
  lateCompletions = 0;
  listenerErrors = 0;
  predicateErrors = 0;
  engineErrors = 0;
}

/** The levels of a {@link Logger}. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly (keyof Logger)[];

/** Writes to a logger, which can do no harm. */
export function log(logger: Logger, level: keyof Logger, message: string, details: unknown): void {
  try {
    ignoreReturnedRejection(logger[level](message, details));
  } catch {
    // There is nowhere left to report it to.
  }
}

/** Tells of a fault that no caller sees: to the logger, or where there is none as a warning of the process. */
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
    // There is nowhere left to report it to.
  }
}

/** Hands the rejection of whatever somebody else's function returned to `handler`. */
export function catchRejection(returned: unknown, handler: (reason: unknown) => void): void {
  if (isThenable(returned)) Promise.resolve(returned).then(undefined, handler);
}

function ignoreReturnedRejection(returned: unknown): void {
  catchRejection(returned, () => undefined);
}

/** An error in one line. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
