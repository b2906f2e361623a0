import type { OptionsReader } from 'fusewire';

/** Something to write to at levels such as `'info'` and `'warn'`. */
type Levels<Level extends string> = Readonly<Record<Level, (message: string, details?: unknown) => unknown>>;

/** Where it is written. `console` is one. */
export type Logger = Levels<'info' | 'warn'>;

/** Whether it has a function for each level. */
export function hasLevels<Level extends string>(given: unknown, levels: readonly Level[]): given is Levels<Level> {
  if (typeof given !== 'object' || given === null) return false;
  return levels.every((level) => typeof (given as Partial<Levels<Level>>)[level] === 'function');
}

/** What has these functions, in an error. */
export function withFunctions(levels: readonly string[]): string {
  return `an object with the functions ${levels.slice(0, -1).join(', ')} and ${levels.at(-1)}`;
}

/** Reads the option `logger`: false for none; undefined where it is left out. */
export function readLogger<Level extends string>(
  reader: OptionsReader,
  levels: readonly Level[],
): Levels<Level> | false | undefined {
  const given = reader.value('logger');
  if (given === undefined || given === false || hasLevels(given, levels)) return given;
  reader.report('logger', 'type', `false, or ${withFunctions(levels)}`);
  return undefined;
}
