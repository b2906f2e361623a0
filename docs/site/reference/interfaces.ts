/** Tables of what interfaces hold. */
import { declaration } from './declarations.ts';

/** The table of the members of an interface, those it inherits last. */
export function interfaceTable(argument: string): string {
  const [name = '', heading = ''] = argument.split(' as ');
  const rows = declaration(name).members.map(({ name: member, doc }) => `| \`${member}\` | ${cell(doc)} |`);
  return [`| ${heading || 'Field'} | |`, '|---|---|', ...rows].join('\n');
}

/** Text that fits into a cell of a table. */
export function cell(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
}
