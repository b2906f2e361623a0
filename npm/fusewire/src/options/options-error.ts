import type { Problem } from '../engine/backend.ts';
import { OptionsError } from '../errors/options-error.ts';
import { didYouMean } from './suggestion.ts';

/** Longer strings, bigints and option names are not shown. */
const MAX_SHOWN_LENGTH = 40;

/**
 * Creates the one error that lists everything that is wrong with some options.
 *
 * @param subject the kind of thing that has the options, such as `'Circuit breaker'` or `'Policy'`.
 * @param options the rejected options; the message shows the values at the problems' paths.
 */
export function createOptionsError(
  subject: string,
  name: string,
  options: unknown,
  problems: readonly Problem[],
): OptionsError {
  const text = problems.map((problem) => describeProblem(problem, options)).join('; ');
  const shownName = withoutCredentials(name);
  const shown = problems.map((problem) => ({ ...problem, option: withoutCredentials(problem.option) }));
  return new OptionsError(shownName, `${subject} ${shownName}: ${text}`, shown);
}

/** Returns a name without the user and the password of an address in it, such as a connection string in the wrong place. */
function withoutCredentials(name: string): string {
  return name.replace(/:\/\/.*@/s, '://…@');
}

function describeProblem({ option: path, kind, expected }: Problem, options: unknown): string {
  const option = withoutCredentials(path);
  if (kind === 'unknown') {
    const shown = option.length > 2 * MAX_SHOWN_LENGTH ? `${option.slice(0, 2 * MAX_SHOWN_LENGTH)}…` : option;
    return `${shown} is not an option${didYouMean(expected === '' ? undefined : besides(option, expected))}`;
  }
  const text = `${option} must be ${expected}`;
  const value = valueAt(options, path);
  return value !== undefined && (kind === 'type' || kind === 'range') ? `${text}, got ${describe(value, kind)}` : text;
}

/** Returns the path of the option `name` that has the same parent as the option `path`. */
function besides(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf('.') + 1) + name;
}

function valueAt(options: unknown, path: string): unknown {
  let value = options;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) break;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Strings that may be addresses with a password, also without their scheme. */
const ADDRESS = /@|:\/\//;

/** Describes a rejected value. A string of the wrong type, or an address, is not shown: it may be a secret in the wrong place. */
function describe(value: unknown, kind: 'type' | 'range'): string {
  switch (typeof value) {
    case 'string':
      if (kind === 'type') return 'a string';
      return value.length > MAX_SHOWN_LENGTH || ADDRESS.test(value)
        ? `a string of ${value.length} characters`
        : JSON.stringify(value);
    case 'bigint': {
      const text = `${value}n`;
      return text.length > MAX_SHOWN_LENGTH ? 'a bigint' : text;
    }
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'an array' : 'an object';
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}
