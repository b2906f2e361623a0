/** The reference of the errors. */
import * as fusewire from 'fusewire';
import { declaration, entriesOf } from './declarations.ts';
import { cell } from './interfaces.ts';

/** The errors that the package exports. */
export function errorNames(): string[] {
  const exports = entriesOf('fusewire').flatMap((entry) => entry.exports);
  return exports.map(({ name }) => name).filter((name) => /^[A-Z]\w+Error$/.test(name));
}

/** One error: what it says, carries and is recognised by. */
export function errorReference(name: string): string {
  const { doc, members, code } = declaration(name);
  const guard = `is${name}`;
  if (!(guard in fusewire)) throw new Error(`${name} has no guard`);
  const errorCode = /readonly code(?: =|:) ["'](\w+)["']/.exec(code)?.[1];
  const fields = members.filter((member) => member.name !== 'constructor');
  return [
    doc,
    `Code \`${errorCode}\`, guard \`${guard}(error)\`.`,
    ['| Field | |', '|---|---|', ...fields.map((field) => `| \`${field.name}\` | ${cell(field.doc)} |`)].join('\n'),
  ].join('\n\n');
}
