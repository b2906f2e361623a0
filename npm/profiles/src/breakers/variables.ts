import type { Report } from '../problems.ts';
import { constantCase } from '../secrets.ts';
import { notText } from '../texts.ts';
import { reportUnknown } from '../variables/unknown.ts';
import { givenTwice, OPTIONS } from './options.ts';
import type { GivenOption } from './options.ts';
import type { Setting } from './setting.ts';

/** The variable of an option of a breaker: `BREAKER_` + `MPESA_` + `WINDOW_SIZE`. */
export function variableName(prefix: string, breaker: string, path: string): string {
  return `${prefix}${constantCase(breaker)}_${constantCase(path)}`;
}

/**
 * What variables say of breakers, by name. What begins with the prefix and belongs to none of them is reported, unless the
 * setting has it ignored.
 */
export function readBreakerVariables(
  { variables: values, prefix, refusesUnknown }: Setting,
  breakers: readonly string[],
  report: Report,
): ReadonlyMap<string, readonly GivenOption[]> {
  const owners = new Map<string, string>();
  const given = new Map(breakers.map((breaker) => [breaker, [] as GivenOption[]]));
  for (const breaker of breakers) {
    for (const [path, parse] of Object.entries(OPTIONS)) {
      const variable = variableName(prefix, breaker, path);
      const value: unknown = values[variable] ?? '';
      const owner = owners.get(variable);
      owners.set(variable, breaker);
      if (typeof value !== 'string') report(variable, notText(value));
      else if (value.trim() === '') continue;
      else if (owner === undefined) given.get(breaker)?.push({ variable, path, value: parse(value.trim()) });
      else report(variable, `could be of ${owner} and of ${breaker}`);
    }
  }
  for (const [later, earlier] of [...given.values()].flatMap((options) => [...givenTwice(options)])) {
    report(later.variable, `must be left out where ${earlier.variable} is given`);
  }
  if (refusesUnknown) reportUnknown(values, owners.keys(), prefix, report);
  return given;
}
