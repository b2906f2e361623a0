import { suggestion } from 'fusewire';
import type { Report } from '../problem-collector.ts';
import type { VariableValues } from './variable.ts';

/** Reports each variable that begins with the prefix, in any case, and is not in the list of names. */
export function reportUnknownVariables(
  values: VariableValues,
  names: Iterable<string>,
  prefix: string,
  report: Report,
): void {
  const known = new Set(names);
  const upperPrefix = prefix.toUpperCase();
  for (const name of Object.keys(values)) {
    const hasPrefix = name.toUpperCase().startsWith(upperPrefix) && values[name] !== undefined;
    if (hasPrefix && !known.has(name)) report(name, `is not a variable of this program${suggestion(name, known)}`);
  }
}
