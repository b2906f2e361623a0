import type { OptionsReader } from 'fusewire/kit';

/** Logger with a function for each level, such as `'info'` and `'warn'`. */
type LevelLogger<Level extends string> = Readonly<Record<Level, (message: string, details?: unknown) => unknown>>;

/** Logger of state changes, for example `console`. */
export type Logger = LevelLogger<'info' | 'warn'>;

/** Whether `value` has a function for each level. */
export function hasLevels<Level extends string>(value: unknown, levels: readonly Level[]): value is LevelLogger<Level> {
  if (typeof value !== 'object' || value === null) return false;
  return levels.every((level) => typeof (value as Partial<LevelLogger<Level>>)[level] === 'function');
}

/** Returns the words of an error message for an object with these functions. */
export function withFunctions(levels: readonly string[]): string {
  return `an object with the functions ${levels.slice(0, -1).join(', ')} and ${levels.at(-1)}`;
}

/** Reads the option `logger`: a logger, false for none, or undefined if it is missing. */
export function readLogger<Level extends string>(
  reader: OptionsReader,
  levels: readonly Level[],
): LevelLogger<Level> | false | undefined {
  const logger = reader.value('logger');
  if (logger === undefined || logger === false || hasLevels(logger, levels)) return logger;
  reader.report('logger', 'type', `false, or ${withFunctions(levels)}`);
  return undefined;
}
