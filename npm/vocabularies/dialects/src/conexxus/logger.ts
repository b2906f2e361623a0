import type { OptionsReader } from 'fusewire/kit';
import { readLogger as readLevels } from '../logger.ts';

/** Logger of the integration, for example `console` or the `Logger` of NestJS. */
export interface Logger {
  log(message: string): unknown;
  warn(message: string): unknown;
  error(message: string): unknown;
}

const SILENT: Logger = { log: () => undefined, warn: () => undefined, error: () => undefined };

/** Reads the option `logger`: a logger, or false for none; default `console`. */
export function readLogger(reader: OptionsReader): Logger {
  const logger = readLevels(reader, ['log', 'warn', 'error']) ?? console;
  return logger === false ? SILENT : logger;
}
