import type { OptionsReader } from 'fusewire/kit';

/** Reads an option that is a non-empty string. */
export function readString(reader: OptionsReader, option: string): string | undefined {
  const value = reader.value(option);
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  reader.report(option, 'type', 'a non-empty string');
  return undefined;
}

/** Reads an option that is a list of non-empty strings. */
export function readStrings(reader: OptionsReader, option: string): readonly string[] | undefined {
  const value = reader.value(option);
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')) return value as string[];
  reader.report(option, 'type', 'a list of non-empty strings');
  return undefined;
}

/** Reads an option that is a plain object. */
export function readObject(reader: OptionsReader, option: string): Readonly<Record<string, unknown>> | undefined {
  const value = reader.value(option);
  if (value === undefined || isPlainObject(value)) return value;
  reader.report(option, 'type', 'an object');
  return undefined;
}

/** Whether a value is an object, but no array, function or instance of a built-in class. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === '[object Object]';
}
