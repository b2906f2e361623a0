/** The tasks and their solutions, as files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export const LIBRARIES = ['fusewire', 'opossum', 'cockatiel'] as const;
export type Library = (typeof LIBRARIES)[number];

/** Returns the folders of the tasks, in order. */
export function taskFolders(): string[] {
  return readdirSync(import.meta.dirname)
    .filter((name) => /^\d\d-/.test(name))
    .sort();
}

/** Returns the address of a solution; undefined if the library has none. */
export function solutionOf(folder: string, library: Library): URL | undefined {
  const file = new URL(`${folder}/${library}.ts`, import.meta.url);
  return existsSync(file) ? file : undefined;
}

/** Returns the source of a solution. */
export function sourceOf(solution: URL): string {
  return readFileSync(solution, 'utf8');
}

/** Counts the lines of a solution beside its imports and the call itself, which is one line of each exported statement. */
export function linesBesideTheCall(source: string): number {
  const code = source.replaceAll(/^import[^;]*;\n/gm, '').replaceAll(/=>\n\s*/g, '=> ');
  const lines = code.split('\n').filter((line) => !/^[\s})\];,]*$|^\s*\/\//.test(line));
  return lines.length - lines.filter((line) => line.startsWith('export ')).length;
}
