import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../rule.ts';
import { madePerRequestIn } from '../sources/per-request.ts';
import { Misuse } from './misuse.ts';

/** Not sources of a program, or not of this one; and tests, which make breakers where they need them. */
const PASSED_OVER = /^(?:\..*|node_modules|dist|build|out|coverage|tests?|__tests__)$/;
const SOURCE = /(?<!\.d|\.test|\.spec)\.[cm]?[jt]sx?$/;

/** What sources were looked through, and what was found in them. */
export interface Searched {
  readonly files: number;
  readonly findings: readonly Finding[];
}

/** Looks through the sources in folders, or through single files. */
export function search(places: readonly string[]): Searched {
  const files = places.flatMap((place) => (isFolder(place) ? sourcesIn(place) : place));
  return { files: files.length, findings: files.flatMap((file) => madePerRequestIn(file, readFileSync(file, 'utf8'))) };
}

function isFolder(place: string): boolean {
  const stats = statSync(place, { throwIfNoEntry: false });
  if (stats === undefined) throw new Misuse(`${place}: there is no such folder`);
  return stats.isDirectory();
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const place = join(folder, entry.name);
    if (entry.isDirectory()) return PASSED_OVER.test(entry.name) ? [] : sourcesIn(place);
    return entry.isFile() && SOURCE.test(entry.name) ? place : [];
  });
}
