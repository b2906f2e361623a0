/**
 * Directives by which a page includes text from elsewhere in the repository.
 *
 *   <!-- include README.md "How it is tested" -->   the section of a document under that heading, or the whole document
 *   <!-- excerpt crates/x.rs "fn trips" -->         code, from the line with that text to the end of its block
 *   <!-- generated options -->                      the text that the generator of that name returns
 */
import path from 'node:path';
import { read } from './repository.ts';

/** Generators of texts, by the name that a directive has for them. */
export type Generators = Readonly<Record<string, (argument: string) => string>>;

const DIRECTIVE = /^<!-- (include|excerpt|generated) (\S+)(?: "([^"]+)")? -->$/gm;

/** Returns the text of a page with every directive replaced by the text it includes. */
export function resolveIncludes(text: string, generators: Generators): string {
  return text.replaceAll(DIRECTIVE, (_, directive: string, subject: string, argument: string | undefined) => {
    if (directive === 'include') return includeDocument(subject, argument);
    if (directive === 'excerpt') return excerpt(subject, argument ?? '');
    const generator = generators[subject];
    if (!generator) throw new Error(`<!-- generated ${subject} -->: there is no generator of that name`);
    return generator(argument ?? '');
  });
}

function includeDocument(file: string, heading: string | undefined): string {
  const text = read(file);
  const included = heading === undefined ? text.replace(/^# .*\n/, '') : section(text, heading, file);
  return relinked(included, path.posix.dirname(file)).trim();
}

function section(text: string, heading: string, file: string): string {
  const lines = text.split('\n');
  const begin = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  const level = /^#+/.exec(lines[begin] ?? '')?.[0].length;
  if (level === undefined) throw new Error(`${file} has no heading "${heading}"`);
  const length = lines.slice(begin + 1).findIndex((line) => (/^#+(?= )/.exec(line)?.[0].length ?? 7) <= level);
  const inside = lines.slice(begin + 1, length < 0 ? undefined : begin + 1 + length);
  // The page has its own heading in place of that of the section: the others move up.
  return inside.map((line) => line.replace(/^#+(?= )/, (marks) => marks.slice(level - 1))).join('\n');
}

/** Makes links and pictures relative to a document's folder into ones relative to the repository. */
function relinked(text: string, folder: string): string {
  const inRepository = (target: string): string =>
    `repository:${path.posix.normalize(path.posix.join(folder, target))}`;
  return text
    .replaceAll(/\]\((?![a-z]+:|#)([^)\s]+)\)/g, (_, target: string) => `](${inRepository(target)})`)
    .replaceAll(
      / (src|srcset)="(?![a-z]+:)([^"]+)"/g,
      (_, name: string, target: string) => ` ${name}="${inRepository(target)}"`,
    );
}

const LANGUAGES: Readonly<Record<string, string>> = { '.rs': 'rust', '.ts': 'ts', '.mjs': 'js', '.json': 'json' };

function excerpt(file: string, marker: string): string {
  const lines = read(file).split('\n');
  const found = lines.findIndex((line) => line.includes(marker));
  if (found < 0) throw new Error(`${file} has no line with "${marker}"`);
  let begin = found;
  while (/^\s*(\/\/|\/\*\*|\*|#\[)/.test(lines[begin - 1] ?? '')) begin -= 1;
  const indent = /^\s*/.exec(lines[found] ?? '')?.[0] ?? '';
  let end = found + 1;
  if (!/[;,]$/.test(lines[found] ?? '')) {
    while (end < lines.length && !new RegExp(`^${indent}[^\\s{(]`).test(lines[end] ?? '')) end += 1;
    end += 1;
  }
  const code = lines.slice(begin, end).map((line) => line.slice(indent.length));
  const language = LANGUAGES[path.extname(file)] ?? 'text';
  return ['', `\`\`\`${language} title=${file} no-run: an excerpt of a source file`, ...code, '```', ''].join('\n');
}
