/** The reference of every package, from the comments in its declarations. */
import path from 'node:path';
import type { Source } from '../build.ts';
import { read } from '../repository.ts';
import { entriesOf, packageFolders } from './declarations.ts';
import type { Declared, Entry } from './declarations.ts';
import { cell } from './interfaces.ts';

/** The name of the page of a package. */
export const apiPage = (folder: string): string => `api/${path.posix.basename(folder)}`;

export function apiPages(): Source[] {
  return packageFolders().map((folder) => {
    const { name, description } = JSON.parse(read(`${folder}/package.json`)) as Record<string, string>;
    const text = [`# ${name}`, description, ...entriesOf(folder).map((entry) => describe(entry, name ?? ''))];
    return { name: apiPage(folder), text: `${text.join('\n\n')}\n` };
  });
}

const GROUPS: readonly (readonly [Declared['kind'], string])[] = [
  ['class', 'Classes'],
  ['function', 'Functions'],
  ['constant', 'Constants'],
  ['interface', 'Interfaces'],
  ['type', 'Types'],
];

function describe({ module, exports }: Entry, name: string): string {
  const title = module === name ? [] : [`## ${module}`];
  const groups = GROUPS.flatMap(([kind, heading]) => {
    const members = exports.filter((declared) => declared.kind === kind);
    if (members.length === 0) return [];
    return [`## ${heading}${module === name ? '' : ` of ${module}`}`, ...members.map(describeOne)];
  });
  return [...title, ...groups].join('\n\n');
}

function describeOne({ name, doc, code, members }: Declared): string {
  const told = members.filter((member) => member.doc !== '');
  const table = ['| Member | |', '|---|---|', ...told.map((member) => `| \`${member.name}\` | ${cell(member.doc)} |`)];
  return [
    `### ${name}`,
    doc,
    `\`\`\`ts no-run: a declaration\n${code}\n\`\`\``,
    ...(told.length > 0 ? [table.join('\n')] : []),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
