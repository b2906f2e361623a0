import type { OptionsReader } from 'fusewire';

/** Where it is written: the `Logger` of NestJS and `console` are some. */
export interface Logger {
  log(message: string): unknown;
  warn(message: string): unknown;
  error(message: string): unknown;
}

const SILENT: Logger = { log: () => undefined, warn: () => undefined, error: () => undefined };

/** Reads the option `logger`: a logger, or false for none; default `console`. */
export function readLogger(reader: OptionsReader): Logger {
  const given = reader.value('logger');
  if (given === undefined) return console;
  if (given === false) return SILENT;
  const isLogger =
    typeof given === 'object' &&
    given !== null &&
    (['log', 'warn', 'error'] as const).every((level) => typeof (given as Partial<Logger>)[level] === 'function');
  if (!isLogger) reader.report('logger', 'type', 'false, or an object with the functions log, warn and error');
  return isLogger ? (given as Logger) : SILENT;
}
