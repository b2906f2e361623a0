import { constantCase } from '../constant-case.ts';
import type { Report } from '../problem-collector.ts';
import { reportUnknownVariables } from '../variables/unknown-variables.ts';
import { notAString } from '../variables/variable.ts';
import { conflictingOptions, PARSERS } from './options.ts';
import type { VariableOption } from './options.ts';
import type { Settings } from './settings.ts';

/** Returns the name of the variable for an option: `BREAKER_` + `MPESA_` + `WINDOW_SIZE`. */
export function variableName(prefix: string, breaker: string, path: string): string {
  return `${prefix}${constantCase(breaker)}_${constantCase(path)}`;
}

/**
 * Returns the options that variables set, by breaker. Reports a variable with the prefix that belongs to no breaker, unless
 * the settings ignore it.
 */
export function readBreakerVariables(
  { variables: values, prefix, rejectsUnknownVariables }: Settings,
  breakers: readonly string[],
  report: Report,
): ReadonlyMap<string, readonly VariableOption[]> {
  const owners = new Map<string, string>();
  const optionsByBreaker = new Map(breakers.map((breaker) => [breaker, [] as VariableOption[]]));
  for (const breaker of breakers) {
    for (const [path, parse] of Object.entries(PARSERS)) {
      const variable = variableName(prefix, breaker, path);
      const value: unknown = values[variable] ?? '';
      const owner = owners.get(variable);
      owners.set(variable, breaker);
      if (typeof value !== 'string') report(variable, notAString(value));
      else if (value.trim() === '') continue;
      else if (owner === undefined) {
        optionsByBreaker.get(breaker)?.push({ variable, path, value: parse(value.trim()) });
      } else report(variable, `is ambiguous: it belongs to both ${owner} and ${breaker}; rename one of the breakers`);
    }
  }
  for (const options of optionsByBreaker.values()) {
    for (const [later, earlier] of conflictingOptions(options)) {
      report(later.variable, `cannot be set together with ${earlier.variable}, which sets the same option`);
    }
  }
  if (rejectsUnknownVariables) reportUnknownVariables(values, owners.keys(), prefix, report);
  return optionsByBreaker;
}
