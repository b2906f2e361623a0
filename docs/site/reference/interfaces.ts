/** Tables of the fields of an interface. */
import { declaration } from './declarations.ts';
import { cell, Links } from './links.ts';

/** Returns the table for `Name` or `Name as heading of the first column`; inherited fields come last. */
export function interfaceTable(argument: string): string {
  const [name = '', heading = 'Field'] = argument.split(' as ');
  const declared = declaration(name);
  const links = new Links(declared, '');
  const rows = declared.members.map((member) => `| \`${member.name}\` | ${cell(links.comment(member.doc))} |`);
  return [`| ${heading} | Description |`, '|---|---|', ...rows].join('\n');
}
