import type { OptionsReader } from 'fusewire';

/** What a variable may hold; made by {@link text}, {@link url}, {@link secret}, {@link integer}, … */
export interface Variable<Value> {
  /** Whether its value is never shown. */
  readonly isSecret: boolean;
  /** What stands for a variable that is not set; undefined where there is nothing. */
  readonly fallback: Value | undefined;
  /** Whether it has to be set. */
  readonly required: boolean;
  /**
   * Reads what it is set to.
   *
   * @internal
   */
  read(given: string): Reading<Value>;
}

/** A value, or what is wrong with the text: how the sentence about the variable goes on. */
export type Reading<Value> =
  | { readonly value: Value }
  /** `shown`: whether the value may help, and is told unless it may be a secret. */
  | { readonly fault: string; readonly shown: boolean };

/** Whether a variable has to be set. */
export interface Requirement<Value> {
  /** Whether it has to be set. Default true, unless there is a `default`. */
  readonly required?: boolean | undefined;
  /** What stands for it where it is not set. Default: none. */
  readonly default?: Value | undefined;
}

/** What a variable gives: never undefined, unless it is not required and has no default. */
export type ValueOf<Value, Options> = Options extends { readonly default: Value }
  ? Value
  : Options extends { readonly required: false }
    ? Value | undefined
    : Value;

/** Reads `required` and `default`, which every kind of variable has, and puts the variable together. */
export function variable<Value>(
  reader: OptionsReader,
  read: (given: string) => Reading<Value>,
  isValue: (value: unknown) => value is Value,
  expected: string,
): Variable<Value> {
  const fallback = reader.value('default');
  const required = reader.boolean('required');
  if (fallback !== undefined && !isValue(fallback)) reader.report('default', 'range', expected);
  if (fallback !== undefined && required === true) reader.report('required', 'conflict', 'left out beside default');
  reader.finish();
  return {
    isSecret: false,
    fallback: fallback as Value | undefined,
    required: required ?? fallback === undefined,
    read,
  };
}
