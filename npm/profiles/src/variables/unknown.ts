import type { Report } from '../problems.ts';
import type { VariableValues } from '../secrets.ts';
import { suggestion } from '../suggestions.ts';

/** Reports each variable that begins with the prefix, in whatever case, and is none of the names. */
export function reportUnknown(values: VariableValues, names: Iterable<string>, prefix: string, report: Report): void {
  const known = new Set(names);
  const start = prefix.toUpperCase();
  for (const name of Object.keys(values)) {
    const isMeant = name.toUpperCase().startsWith(start) && values[name] !== undefined;
    if (isMeant && !known.has(name)) report(name, `is not a variable of this program${suggestion(name, known)}`);
  }
}
