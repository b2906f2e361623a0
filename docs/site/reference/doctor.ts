/** What the doctor looks for, asked of the doctor. */
import { rules } from 'fusewire/doctor';
import { cell } from './interfaces.ts';

export function doctorRules(): string {
  const rows = rules.map(
    ({ code, severity, reason, advice }) => `| \`${code}\` | ${severity} | ${cell(`${reason} ${advice}`)} |`,
  );
  return ['| Rule | | What hurts, and what to do |', '|---|---|---|', ...rows].join('\n');
}
