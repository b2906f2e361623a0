import { readOptions } from 'fusewire';
import { variable } from './variable.ts';
import type { Reading, Requirement, ValueOf, Variable } from './variable.ts';

/** Which numbers a variable may hold. */
export interface NumberOptions extends Requirement<number> {
  /** The least it may be. Default: none. */
  readonly minimum?: number | undefined;
  /** The most it may be. Default: none. */
  readonly maximum?: number | undefined;
}

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i;

/** A whole number in plain digits: `30000`, neither `30s` nor `30_000`. */
export function integer<const Options extends NumberOptions>(options?: Options): Variable<ValueOf<number, Options>> {
  return numeric('integer', options, true) as Variable<ValueOf<number, Options>>;
}

/** A number: `0.25`, `3`, `1e3`. */
export function number<const Options extends NumberOptions>(options?: Options): Variable<ValueOf<number, Options>> {
  return numeric('number', options, false) as Variable<ValueOf<number, Options>>;
}

/** Reads a number that stands alone; undefined where it is none. */
export function parseNumber(given: string): number | undefined {
  const text = given.trim();
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function numeric(kind: string, options: NumberOptions = {}, whole: boolean): Variable<number> {
  const reader = readOptions('Variable', kind, options);
  const least = reader.number('minimum', -Number.MAX_VALUE, Number.MAX_VALUE, 'a finite number');
  const most = reader.number(
    'maximum',
    least ?? -Number.MAX_VALUE,
    Number.MAX_VALUE,
    'a finite number from minimum on',
  );
  const expected = rangeOf(whole ? 'a whole number' : 'a number', least, most);
  const isValue = (value: unknown): value is number =>
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (!whole || Number.isSafeInteger(value)) &&
    value >= (least ?? value) &&
    value <= (most ?? value);
  const read = (given: string): Reading<number> => {
    const value = parseNumber(given);
    return isValue(value) ? { value } : { fault: `must be ${expected}`, shown: true };
  };
  return variable(reader, read, isValue, expected);
}

function rangeOf(what: string, least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return `${what} from ${least} to ${most}`;
  if (least !== undefined) return `${what} from ${least} on`;
  return most === undefined ? what : `${what} up to ${most}`;
}
