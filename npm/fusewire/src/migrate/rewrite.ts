import { maskLiterals } from '../doctor/sources/mask-literals.ts';
import { BY_HAND, EXPORTS, EXPORTS_OF, FUNCTIONS_WITH_OPTIONS, GUARDS, MODULES, OPTIONS, STRINGS } from './renames.ts';

/** Source with the names of version 1. */
export interface Rewritten {
  readonly text: string;
  /** Number of replacements. */
  readonly changes: number;
  /** Lines that only their author can change. */
  readonly notes: readonly { readonly line: number; readonly advice: string }[];
}

/** A piece of the source, and the text that replaces it. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** An import of one of our packages: `import { … } from '…'` or `const { … } = require('…')`. */
interface Import {
  readonly start: number;
  readonly end: number;
  readonly keyword: string;
  readonly names: readonly string[];
  readonly module: string;
  readonly isRequire: boolean;
}

const IMPORT =
  /(import(?: type)?|const)\s*\{([^}]*)\}\s*(?:from\s*|=\s*require\(\s*)(['"])((?:@fusewire\/|fusewire\b)[^'"]*)\3(\s*\))?;?/g;

/** Rewrites a source file. A file that imports none of our packages stays as it is. */
export function rewriteSource(source: string): Rewritten {
  const imports = importsOf(source);
  if (imports.length === 0) return { text: source, changes: 0, notes: [] };
  const masked = maskImports(maskLiterals(source), imports);
  const imported = new Set(imports.flatMap(({ names }) => names.map(localName)));
  const edits = [
    ...imports.flatMap(editOfImport),
    ...editsOfNames(masked, imports),
    ...editsOfGuards(masked, source, imported),
    ...editsOfOptions(masked),
    ...editsOfStrings(source),
  ];
  const notes = BY_HAND.flatMap(([pattern, advice]) =>
    [...masked.matchAll(pattern)].map(({ index }) => ({ line: lineAt(source, index), advice })),
  );
  return { ...apply(source, edits), notes: notes.toSorted((one, other) => one.line - other.line) };
}

function importsOf(source: string): Import[] {
  return [...source.matchAll(IMPORT)].map(
    ({ 0: { length }, 1: keyword = '', 2: names = '', 4: module = '', index }) => ({
      start: index,
      end: index + length,
      keyword,
      names: names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
      module,
      isRequire: keyword === 'const',
    }),
  );
}

/** Returns the name by which a file refers to an import. */
function localName(specifier: string): string {
  return specifier
    .replace(/^type /, '')
    .split(/\s+as\s+|\s*:\s*/)
    .at(-1) as string;
}

function newName(name: string, module: string): string {
  return EXPORTS_OF[module]?.get(name) ?? EXPORTS.get(name) ?? GUARDS.get(name) ?? name;
}

/** Renames the names of an import, and imports those that have moved from their new module. */
function editOfImport({ start, end, keyword, names, module, isRequire }: Import): Edit[] {
  const byModule = new Map<string, Set<string>>();
  for (const specifier of names) {
    const [, type = '', name = '', rest = ''] = /^(type )?(\w+)(.*)$/s.exec(specifier) ?? [];
    const target = module === 'fusewire' ? (MODULES.get(name) ?? module) : module;
    const specifiers = byModule.get(target) ?? new Set();
    byModule.set(target, specifiers.add(`${type}${newName(name, module)}${rest}`));
  }
  const text = [...byModule].map(([target, specifiers]) => {
    const list = `${keyword} { ${[...specifiers].join(', ')} }`;
    return isRequire ? `${list} = require('${target}');` : `${list} from '${target}';`;
  });
  const isSame = names.map((name) => name.replace(/^type /, '')).every((name) => newName(name, module) === name);
  return isSame && byModule.size === 1 && byModule.has(module) ? [] : [{ start, end, text: text.join('\n') }];
}

/** Renames the uses of imported names. Names behind a dot, and keys of objects, are other things. */
function editsOfNames(masked: string, imports: readonly Import[]): Edit[] {
  return imports.flatMap(({ names, module }) =>
    names
      .map((name) => name.replace(/^type /, ''))
      .filter((name) => /^\w+$/.test(name) && !GUARDS.has(name) && newName(name, module) !== name)
      .flatMap((name) =>
        wordsIn(masked, name, newName(name, module), String.raw`(?<![.\w$])`, String.raw`(?![\w$]|\s*:(?!:))`),
      ),
  );
}

/** Replaces `isSomeError(error)` by `(error instanceof SomeError)`. */
function editsOfGuards(masked: string, source: string, imported: ReadonlySet<string>): Edit[] {
  return [...GUARDS].flatMap(([guard, Class]) => {
    if (!imported.has(guard)) return [];
    return [...masked.matchAll(new RegExp(String.raw`(?<![.\w$])${guard}\(`, 'g'))].map(({ 0: { length }, index }) => {
      const end = closingOf(masked, index + length - 1);
      return { start: index, end: end + 1, text: `(${source.slice(index + length, end)} instanceof ${Class})` };
    });
  });
}

/** Renames the options in the arguments of the functions that take them. */
function editsOfOptions(masked: string): Edit[] {
  const calls = masked.matchAll(new RegExp(String.raw`(?<![.\w$])(?:${FUNCTIONS_WITH_OPTIONS.join('|')})\(`, 'g'));
  return [...calls].flatMap(({ 0: { length }, index }) => {
    const start = index + length - 1;
    const argument = masked.slice(start, closingOf(masked, start));
    return [...OPTIONS].flatMap(([name, to]) =>
      wordsIn(argument, name, to, String.raw`(?<=[{,]\s*)`, String.raw`(?=\s*:)`).map((edit) => ({
        ...edit,
        start: edit.start + start,
        end: edit.end + start,
      })),
    );
  });
}

function editsOfStrings(source: string): Edit[] {
  return [...STRINGS].flatMap(([code, to]) => wordsIn(source, code, to, `(?<=['"])`, `(?=['"])`));
}

function wordsIn(text: string, word: string, to: string, before: string, after: string): Edit[] {
  return [...text.matchAll(new RegExp(`${before}${word}${after}`, 'g'))].map(({ index }) => ({
    start: index,
    end: index + word.length,
    text: to,
  }));
}

/** Hides the imports, which have an edit of their own. */
function maskImports(masked: string, imports: readonly Import[]): string {
  return imports.reduce(
    (text, { start, end }) => text.slice(0, start) + ' '.repeat(end - start) + text.slice(end),
    masked,
  );
}

/** Returns the index of the bracket that closes the one at `open`, or the end of the text. */
function closingOf(masked: string, open: number): number {
  let depth = 0;
  for (let at = open; at < masked.length; at++) {
    if (/[([{]/.test(masked[at] as string)) depth++;
    else if (/[)\]}]/.test(masked[at] as string) && --depth === 0) return at;
  }
  return masked.length;
}

/** Applies the edits from the last one to the first. Of edits of one place, the first in the list counts. */
function apply(source: string, edits: readonly Edit[]): { readonly text: string; readonly changes: number } {
  const sorted = edits.toSorted((one, other) => other.start - one.start);
  let text = source;
  let begin = source.length;
  let changes = 0;
  for (const { start, end, text: replacement } of sorted) {
    if (end > begin) continue;
    text = text.slice(0, start) + replacement + text.slice(end);
    begin = start;
    changes++;
  }
  return { text, changes };
}

function lineAt(source: string, index: number): number {
  return source.slice(0, index).split('\n').length;
}
