import { readOptions } from 'fusewire/kit';
import { createVariable } from './variable.ts';
import type { Reading, Requirement, ValueOf, Variable } from './variable.ts';

/** Options of {@link integer} and {@link number}. */
export interface NumberOptions extends Requirement<number> {
  /** Least value. Default: no limit. */
  readonly minimum?: number | undefined;
  /** Greatest value. Default: no limit. */
  readonly maximum?: number | undefined;
}

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i;

/** Returns a variable that is a whole number in plain digits: `30000`, but not `30s` or `30_000`. */
export function integer<const Options extends NumberOptions>(options?: Options): Variable<ValueOf<number, Options>> {
  return numeric('integer', options, true) as Variable<ValueOf<number, Options>>;
}

/** Returns a variable that is a number: `0.25`, `3`, `1e3`. */
export function number<const Options extends NumberOptions>(options?: Options): Variable<ValueOf<number, Options>> {
  return numeric('number', options, false) as Variable<ValueOf<number, Options>>;
}

/** Returns the number that a text consists of, or undefined if the text is no number. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim();
  const value = NUMBER.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function numeric(kind: string, options: NumberOptions = {}, whole: boolean): Variable<number> {
  const reader = readOptions('Variable', kind, options);
  const minimum = reader.number('minimum', -Number.MAX_VALUE, Number.MAX_VALUE, 'a finite number');
  const maximum = reader.number(
    'maximum',
    minimum ?? -Number.MAX_VALUE,
    Number.MAX_VALUE,
    'a finite number, at least minimum',
  );
  const expected = rangeOf(whole ? 'a whole number' : 'a number', minimum, maximum);
  const isValue = (value: unknown): value is number =>
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (!whole || Number.isSafeInteger(value)) &&
    value >= (minimum ?? value) &&
    value <= (maximum ?? value);
  const read = (text: string): Reading<number> => {
    const value = parseNumber(text);
    return isValue(value) ? { value } : { complaint: `must be ${expected}`, showValue: true };
  };
  return createVariable(reader, read, isValue, expected);
}

/** Returns the text for a range, such as `a number from 1 to 5`. */
function rangeOf(noun: string, minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return `${noun} from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${noun} from ${minimum} on`;
  return maximum === undefined ? noun : `${noun} up to ${maximum}`;
}
