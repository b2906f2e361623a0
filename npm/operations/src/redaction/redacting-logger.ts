import type { Logger } from 'fusewire';
import { Redactor } from './redactor.ts';
import type { RedactionOptions } from './options.ts';

/** Most characters of a message. */
const LONGEST_MESSAGE = 65_536;

/**
 * Returns a logger that removes secrets from messages and details, and passes them on. Details of a class become plain objects;
 * an error stays an error, with its stack.
 *
 * @throws {OptionsError} with every invalid option.
 */
export function redactingLogger(logger: Logger, options?: RedactionOptions): Logger {
  const redactor = options instanceof Redactor ? options : new Redactor(options);
  const to =
    (level: keyof Logger) =>
    (message: string, ...details: unknown[]): unknown =>
      // With `apply`, a logger with further parameters gets them all, and its `this`.
      (logger[level] as (...values: unknown[]) => unknown).apply(logger, [
        typeof message === 'string' ? redactor.text(message, LONGEST_MESSAGE) : clean(redactor, message),
        ...details.map((detail) => clean(redactor, detail)),
      ]);
  return { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') };
}

function clean(redactor: Redactor, value: unknown): unknown {
  if (value === undefined) return undefined;
  const copy = redactor.value(value);
  if (!isError(value) || typeof copy !== 'object' || copy === null) return copy;
  const { name, message, stack, ...fields } = copy as Record<string, unknown>;
  const error = Object.assign(new Error(String(message)), fields);
  for (const [field, text] of Object.entries({ name, stack })) {
    Object.defineProperty(error, field, { value: text, enumerable: false, writable: true, configurable: true });
  }
  return error;
}

function isError(value: unknown): boolean {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}
