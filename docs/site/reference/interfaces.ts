/** Tables of what interfaces hold. */
import { declaration, entriesOf } from './declarations.ts';
import type { Declared, Member } from './declarations.ts';

/** The table of the members of an interface, those it inherits first. */
export function interfaceTable(argument: string): string {
  const [name = '', heading = ''] = argument.split(' as ');
  const rows = membersWithInherited(declaration(name)).map(
    ({ name: member, doc }) => `| \`${member}\` | ${cell(doc)} |`,
  );
  return [`| ${heading || 'Field'} | |`, '|---|---|', ...rows].join('\n');
}

/** The members, those of what is extended first. */
export function membersWithInherited(declared: Declared): readonly Member[] {
  const known = entriesOf('fusewire').flatMap(({ exports }) => exports);
  const inherited = declared.bases.flatMap((base) => {
    const parent = known.find((each) => each.name === base);
    return parent ? membersWithInherited(parent) : [];
  });
  return [...inherited, ...declared.members];
}

/** Text that fits into a cell of a table. */
export function cell(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
}
