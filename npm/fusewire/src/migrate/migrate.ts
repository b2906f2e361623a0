import { readFileSync, writeFileSync } from 'node:fs';
import { sourceFilesOf } from '../doctor/cli/search-sources.ts';
import { rewriteSource } from './rewrite.ts';

/** Files of one run of `fusewire migrate`. */
export interface Migration {
  /** Number of files read. */
  readonly files: number;
  /** Changed files with the number of replacements in each, and files with lines to change by hand. */
  readonly changed: readonly MigratedFile[];
}

interface MigratedFile {
  readonly file: string;
  readonly changes: number;
  readonly notes: readonly { readonly line: number; readonly advice: string }[];
}

/**
 * Gives the sources in files and folders the names of version 1. Files are written only if `isWriting`.
 *
 * @param paths files, or folders that are searched, tests included.
 */
export function migrate(paths: readonly string[], isWriting: boolean): Migration {
  const files = sourceFilesOf(paths);
  const changed: MigratedFile[] = [];
  for (const file of files) {
    const source = readFileSync(file, 'utf8');
    const { text, changes, notes } = rewriteSource(source);
    if (changes > 0 && isWriting) writeFileSync(file, text);
    if (changes > 0 || notes.length > 0) changed.push({ file, changes, notes });
  }
  return { files: files.length, changed };
}

/** Returns the report of a migration. */
export function formatMigration({ files, changed }: Migration, isWriting: boolean): string {
  const lines = changed.flatMap(({ file, changes, notes }) => [
    `${file}: ${changes} ${changes === 1 ? 'replacement' : 'replacements'}`,
    ...notes.map(({ line, advice }) => `  ${file}:${line}: change by hand: ${advice}`),
  ]);
  const total = changed.reduce((sum, { changes }) => sum + changes, 0);
  const done = isWriting ? 'replaced' : 'to replace; --write replaces them';
  return [...lines, `${files} files read, ${total} names ${done}`, ''].join('\n');
}
