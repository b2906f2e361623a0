import { readOptions } from 'fusewire/kit';
import type { OptionsReader } from 'fusewire/kit';
import { createVariable } from './variable.ts';
import type { Reading, Requirement, ValueOf, Variable } from './variable.ts';

/** Options of {@link text}. */
export interface TextOptions extends Requirement<string> {
  /** Least length in UTF-16 units. Default 1, because an empty variable is not set. */
  readonly minimumLength?: number | undefined;
  /** Regular expression that the text must match. Default: any text. */
  readonly pattern?: RegExp | undefined;
}

/** Options of {@link secret}. There is no default, because a value in the source code is no secret. */
export interface SecretOptions {
  /** Whether the variable must be set. Default true. */
  readonly required?: boolean | undefined;
  /** Least length in UTF-16 units. Default 1. */
  readonly minimumLength?: number | undefined;
}

const MAX_MINIMUM_LENGTH = 1_000_000;

/** Returns a variable that is text, without the blanks around it. */
export function text<const Options extends TextOptions>(options?: Options): Variable<ValueOf<string, Options>> {
  const reader = readOptions('Variable', 'text', options ?? {});
  const minimumLength = readMinimumLength(reader);
  const pattern = reader.value('pattern');
  if (pattern !== undefined && !(pattern instanceof RegExp)) reader.report('pattern', 'type', 'a regular expression');
  const read = (input: string): Reading<string> => {
    const value = input.trim();
    if (value.length < minimumLength) return { complaint: tooShort(minimumLength), showValue: false };
    if (pattern instanceof RegExp && !matches(value, pattern)) {
      return { complaint: `does not match ${String(pattern)}`, showValue: true };
    }
    return { value };
  };
  const isValue = (value: unknown): value is string => typeof value === 'string' && 'value' in read(value);
  const expected = 'text that satisfies the other options of the variable';
  return createVariable(reader, read, isValue, expected) as Variable<ValueOf<string, Options>>;
}

/**
 * Returns a variable that is a key, a token or a password. No message contains it. `util.inspect` and `JSON.stringify` of
 * the result of {@link readVariables} hide it.
 */
export function secret<const Options extends SecretOptions>(options?: Options): Variable<ValueOf<string, Options>> {
  const reader = readOptions('Variable', 'secret', options ?? {});
  const minimumLength = readMinimumLength(reader);
  const required = reader.boolean('required') ?? true;
  reader.finish();
  const read = (input: string): Reading<string> => {
    if (input !== input.trim()) {
      return { complaint: 'begins or ends with a blank or a line break', showValue: false };
    }
    return input.length < minimumLength ? { complaint: tooShort(minimumLength), showValue: false } : { value: input };
  };
  const variable: Variable<string> = { isSecret: true, fallback: undefined, required, read };
  return variable as Variable<ValueOf<string, Options>>;
}

function readMinimumLength(reader: OptionsReader): number {
  const expected = `a whole number from 1 to ${MAX_MINIMUM_LENGTH}`;
  return reader.number('minimumLength', 1, MAX_MINIMUM_LENGTH, expected, true) ?? 1;
}

/** Whether a value matches a pattern. The flags `g` and `y` are dropped, because they make the pattern keep a position. */
function matches(value: string, pattern: RegExp): boolean {
  return new RegExp(pattern, pattern.flags.replace('g', '').replace('y', '')).test(value);
}

function tooShort(minimumLength: number): string {
  return `is too short, it takes at least ${minimumLength} characters`;
}
