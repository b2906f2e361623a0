/** Inventory of what the packages export, with one line of reason for each. */
import { entriesOf } from './declarations.ts';
import type { Declared, Entry } from './declared.ts';
import { cell, Links } from './links.ts';
import { packageFolders } from './packages.ts';

/** Returns every module of every package. */
export function allModules(): Entry[] {
  return packageFolders().flatMap((folder) => [...entriesOf(folder)]);
}

/** Returns the first sentence of the comment of an export, which says what it is for. */
export function reasonOf({ doc }: Declared): string {
  return (/^[^]*?[.;](?=\s|$)/.exec(doc)?.[0] ?? doc).replaceAll(/\s+/g, ' ').replace(/;$/, '.');
}

/** Returns the inventory: a table of values and a table of types for each module. */
export function exportInventory(): string {
  return allModules()
    .map((entry) => {
      const values = entry.exports.filter(({ isValue }) => isValue);
      const types = entry.exports.filter(({ isValue }) => !isValue);
      return [`## ${entry.module}`, ...table('Value', values), ...table('Type', types)].join('\n\n');
    })
    .join('\n\n');
}

function table(head: string, exports: readonly Declared[]): string[] {
  if (exports.length === 0) return [];
  const rows = exports.map((declared) => {
    const reason = new Links(declared, '').comment(reasonOf(declared));
    return `| [\`${declared.name}\`](api:${declared.page}) | ${cell(reason)} |`;
  });
  return [[`| ${head} | For |`, '|---|---|', ...rows].join('\n')];
}
