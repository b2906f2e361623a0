/** Reference of the errors that `fusewire` exports. */
import * as fusewire from 'fusewire';
import { declaration, entriesOf } from './declarations.ts';
import { cell, Links } from './links.ts';
import { CORE } from './packages.ts';

/** Returns the names of the error classes that `fusewire` exports. */
export function errorNames(): string[] {
  const exports = entriesOf(CORE).flatMap((entry) => entry.exports);
  return exports.map(({ name }) => name).filter((name) => /^[A-Z]\w+Error$/.test(name));
}

/** Returns the description of one error: its comment, code, guard and fields. */
export function errorReference(name: string): string {
  const declared = declaration(name);
  const links = new Links(declared, '');
  const guard = `is${name}`;
  if (!(guard in fusewire)) throw new Error(`fusewire exports no ${guard} for ${name}`);
  const code = /readonly code(?: =|:) ["'](\w+)["']/.exec(declared.code)?.[1];
  const rows = declared.members
    .filter(({ kind }) => kind === 'property')
    .map((field) => `| \`${field.name}\` | ${links.type(field.type)} | ${cell(links.comment(field.doc))} |`);
  return [
    links.comment(declared.doc),
    `Code \`${code}\`, guard \`${guard}(error)\`.`,
    ['| Field | Type | Description |', '|---|---|---|', ...rows].join('\n'),
  ].join('\n\n');
}
