import { readOptions } from 'fusewire';
import { variable } from './variable.ts';
import type { Reading, Requirement, ValueOf, Variable } from './variable.ts';

/** Which text a variable may hold. */
export interface TextOptions extends Requirement<string> {
  /** How long it is at least, in UTF-16 units. Default 1: what is empty is not set. */
  readonly minimumLength?: number | undefined;
  /** What it has to match. Default: anything. */
  readonly pattern?: RegExp | undefined;
}

/** What a secret has to be. It has no default: what stands in the sources is no secret. */
export interface SecretOptions {
  /** Whether it has to be set. Default true. */
  readonly required?: boolean | undefined;
  /** How long it is at least, in UTF-16 units. Default 1. */
  readonly minimumLength?: number | undefined;
}

const LONGEST = 1_000_000;

/** Text, without the blanks around it. */
export function text<const Options extends TextOptions>(options?: Options): Variable<ValueOf<string, Options>> {
  const reader = readOptions('Variable', 'text', options ?? {});
  const least = reader.number('minimumLength', 1, LONGEST, `a whole number from 1 to ${LONGEST}`, true) ?? 1;
  const pattern = reader.value('pattern');
  if (pattern !== undefined && !(pattern instanceof RegExp)) reader.report('pattern', 'type', 'a regular expression');
  const read = (given: string): Reading<string> => {
    const value = given.trim();
    if (value.length < least) return { fault: tooShort(least), shown: false };
    if (
      pattern instanceof RegExp &&
      !new RegExp(pattern, pattern.flags.replace('g', '').replace('y', '')).test(value)
    ) {
      return { fault: `does not match ${String(pattern)}`, shown: true };
    }
    return { value };
  };
  const isValue = (value: unknown): value is string => typeof value === 'string' && 'value' in read(value);
  return variable(reader, read, isValue, 'text that the variable itself could hold') as Variable<
    ValueOf<string, Options>
  >;
}

/**
 * A key, a token or a password. It is in no message, and `util.inspect` and `JSON.stringify` of what {@link readVariables}
 * returns leave it out.
 */
export function secret<const Options extends SecretOptions>(options?: Options): Variable<ValueOf<string, Options>> {
  const reader = readOptions('Variable', 'secret', options ?? {});
  const least = reader.number('minimumLength', 1, LONGEST, `a whole number from 1 to ${LONGEST}`, true) ?? 1;
  const required = reader.boolean('required') ?? true;
  reader.finish();
  const read = (given: string): Reading<string> => {
    if (given !== given.trim()) return { fault: 'begins or ends with a blank or a line break', shown: false };
    return given.length < least ? { fault: tooShort(least), shown: false } : { value: given };
  };
  const made: Variable<string> = { isSecret: true, fallback: undefined, required, read };
  return made as Variable<ValueOf<string, Options>>;
}

/** `true` or `false`. */
export function boolean<const Options extends Requirement<boolean>>(
  options?: Options,
): Variable<ValueOf<boolean, Options>> {
  const isValue = (value: unknown): value is boolean => typeof value === 'boolean';
  const reader = readOptions('Variable', 'boolean', options ?? {});
  return variable(reader, readBoolean, isValue, 'true or false') as Variable<ValueOf<boolean, Options>>;
}

/** One of a few words. */
export function oneOf<const Word extends string, const Options extends Requirement<Word>>(
  words: readonly Word[],
  options?: Options,
): Variable<ValueOf<Word, Options>> {
  const reader = readOptions('Variable', 'oneOf', options ?? {});
  const isList =
    Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === 'string' && word !== '');
  if (!isList) reader.report('words', 'type', 'a list of at least one word');
  const known: readonly Word[] = isList ? words : [];
  const expected = known.join(' or ');
  const isValue = (value: unknown): value is Word => known.includes(value as Word);
  const read = (given: string): Reading<Word> => {
    const value = given.trim();
    return isValue(value) ? { value } : { fault: `must be ${expected}`, shown: true };
  };
  return variable(reader, read, isValue, expected) as Variable<ValueOf<Word, Options>>;
}

function readBoolean(given: string): Reading<boolean> {
  const value = given.trim();
  if (value === 'true' || value === 'false') return { value: value === 'true' };
  return { fault: 'must be true or false', shown: true };
}

function tooShort(least: number): string {
  return `is too short, it takes at least ${least} characters`;
}
