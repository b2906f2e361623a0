/** Logger of the program. `console` is one. */
export interface Logger {
  debug(message: string): unknown;
  info(message: string): unknown;
  warn(message: string): unknown;
  error(message: string, details?: unknown): unknown;
}
