import { readOptions } from 'fusewire/kit';
import { createVariable } from './variable.ts';
import type { Reading, Requirement, ValueOf, Variable } from './variable.ts';

/** Returns a variable that is `true` or `false`. */
export function boolean<const Options extends Requirement<boolean>>(
  options?: Options,
): Variable<ValueOf<boolean, Options>> {
  const isValue = (value: unknown): value is boolean => typeof value === 'boolean';
  const reader = readOptions('Variable', 'boolean', options ?? {});
  return createVariable(reader, readBoolean, isValue, 'true or false') as Variable<ValueOf<boolean, Options>>;
}

/** Returns a variable that is one of a list of words. */
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
  const read = (text: string): Reading<Word> => {
    const value = text.trim();
    return isValue(value) ? { value } : { complaint: `must be ${expected}`, showValue: true };
  };
  return createVariable(reader, read, isValue, expected) as Variable<ValueOf<Word, Options>>;
}

function readBoolean(text: string): Reading<boolean> {
  const value = text.trim();
  if (value === 'true' || value === 'false') return { value: value === 'true' };
  return { complaint: 'must be true or false', showValue: true };
}
