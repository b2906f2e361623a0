// Programs that a machine may have.

import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/** The first program of those names on the search path, or else of those paths. */
export function findProgram(names, paths = []) {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const candidates = names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return [...candidates, ...paths].find(isProgram);
}

export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
