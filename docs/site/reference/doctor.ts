/** The rules of the doctor, read from the doctor itself. */
import { rules } from 'fusewire/doctor';
import { cell } from './links.ts';

/** Returns the table of all rules. */
export function doctorRules(): string {
  const rows = rules.map(
    ({ code, severity, reason, advice }) => `| \`${code}\` | ${severity} | ${cell(`${reason} ${advice}`)} |`,
  );
  return ['| Rule | Severity | Problem and remedy |', '|---|---|---|', ...rows].join('\n');
}
