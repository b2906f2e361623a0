import type { OptionsReader } from 'fusewire';

/** An option that is text. */
export function readText(reader: OptionsReader, option: string): string | undefined {
  const value = reader.value(option);
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  reader.report(option, 'type', 'a non-empty string');
  return undefined;
}

/** What is wrong with a variable that is none: its value is not told, for it may be a secret. */
export function notText(value: unknown): string {
  return `must be a text, got ${value === null ? 'null' : `a value of type ${typeof value}`}`;
}
