import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Diagnostic } from '../diagnostic.ts';
import { findPerRequestBreakers } from '../sources/per-request.ts';
import { UsageError } from './usage-error.ts';

/** Folders without sources: dependencies and build results. */
const SKIPPED_FOLDER = /^(?:\..*|node_modules|dist|build|out|coverage)$/;
const SOURCE_FILE = /(?<!\.d)\.[cm]?[jt]sx?$/;
/** Tests, which create breakers wherever they need them. */
const TEST = /(?:^|[/\\])(?:tests?|__tests__)[/\\]|\.(?:test|spec)\.\w+$/;

/** Result of a search through source files. */
export interface SourceSearch {
  /** Number of files searched. */
  readonly files: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** Searches source files, and those in folders, for breakers created per request. It loads none of them. */
export function searchSources(paths: readonly string[]): SourceSearch {
  const files = paths.flatMap((path) =>
    isFolder(path) ? sourceFilesIn(path).filter((file) => !TEST.test(relative(path, file))) : path,
  );
  const diagnostics = files.flatMap((file) => findPerRequestBreakers(file, readFileSync(file, 'utf8')));
  return { files: files.length, diagnostics };
}

/** Returns the source files among paths of files and folders, tests included. */
export function sourceFilesOf(paths: readonly string[]): string[] {
  return paths.flatMap((path) => (isFolder(path) ? sourceFilesIn(path) : path));
}

function isFolder(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new UsageError(`${path}: there is no such folder`);
  return stats.isDirectory();
}

function sourceFilesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED_FOLDER.test(entry.name) ? [] : sourceFilesIn(path);
    return entry.isFile() && SOURCE_FILE.test(entry.name) ? path : [];
  });
}
