import type { OptionsReader } from 'fusewire/kit';

/** Variables of a process by name, such as `process.env`. */
export type VariableValues = Readonly<Record<string, string | undefined>>;

/** Variable of a schema, as {@link text}, {@link url}, {@link secret}, {@link integer} and others return it. */
export interface Variable<Value> {
  /** Whether the value is secret, and never shown. */
  readonly isSecret: boolean;
  /** Value of a variable that is not set, or undefined if it has no default. */
  readonly fallback: Value | undefined;
  /** Whether the variable must be set. */
  readonly required: boolean;
  /**
   * Parses the text of the variable.
   *
   * @internal
   */
  read(text: string): Reading<Value>;
}

/** Parsed value of a variable, or a complaint, which follows the name of the variable in the message. */
export type Reading<Value> =
  | { readonly value: Value }
  /** `showValue`: whether the message contains the value, unless the value may be a secret. */
  | { readonly complaint: string; readonly showValue: boolean };

/** Options of every variable. */
export interface Requirement<Value> {
  /** Whether the variable must be set. Default true, or false if there is a `default`. */
  readonly required?: boolean | undefined;
  /** Value of the variable if it is not set. Default: none. */
  readonly default?: Value | undefined;
}

/** Type of a variable's value. It includes undefined only if the variable is not required and has no default. */
export type ValueOf<Value, Options> = Options extends { readonly default: Value }
  ? Value
  : Options extends { readonly required: false }
    ? Value | undefined
    : Value;

/** Reads the options `required` and `default`, and returns the variable. */
export function createVariable<Value>(
  reader: OptionsReader,
  read: (text: string) => Reading<Value>,
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

/** Returns the complaint about a value that is no string. It leaves the value out, which may be a secret. */
export function notAString(value: unknown): string {
  return `must be a string, got ${value === null ? 'null' : `a value of type ${typeof value}`}`;
}
