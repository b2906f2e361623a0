import type { OptionsReader } from 'fusewire';
import { readLogger as readLevels } from '../logger.ts';

/** Where it is written: the `Logger` of NestJS and `console` are some. */
export interface Logger {
  log(message: string): unknown;
  warn(message: string): unknown;
  error(message: string): unknown;
}

const SILENT: Logger = { log: () => undefined, warn: () => undefined, error: () => undefined };

/** Reads the option `logger`: a logger, or false for none; default `console`. */
export function readLogger(reader: OptionsReader): Logger {
  const given = readLevels(reader, ['log', 'warn', 'error']) ?? console;
  return given === false ? SILENT : given;
}
