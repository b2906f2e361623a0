/** Reference of the errors that `fusewire` exports. */
import { declaration, entriesOf } from './declarations.ts';
import { cell, Links } from './links.ts';
import { CORE } from './packages.ts';

/** Returns the names of the error classes that `fusewire` exports. */
export function errorNames(): string[] {
  const exports = entriesOf(CORE).flatMap((entry) => entry.exports);
  return exports.map(({ name }) => name).filter((name) => /^[A-Z]\w+Error$/.test(name));
}

/** Returns the description of one error: its comment, code and fields, those of its base class included. */
export function errorReference(name: string): string {
  const declared = declaration(name);
  const links = new Links(declared, '');
  const code = /readonly code(?: =|:) ["'](\w+)["']/.exec(declared.code)?.[1];
  const rows = declared.members
    .filter(({ kind }) => kind === 'property')
    .map((field) => `| \`${field.name}\` | ${links.type(field.type)} | ${cell(links.comment(field.doc))} |`);
  return [
    links.comment(declared.doc),
    ...(code === undefined ? [] : [`Code \`${code}\`.`]),
    ['| Field | Type | Description |', '|---|---|---|', ...rows].join('\n'),
  ].join('\n\n');
}
