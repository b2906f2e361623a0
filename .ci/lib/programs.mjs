// Look-up of programs on this machine.

import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/** Returns the first of `names` found on the search path, or else the first of `paths` that exists. */
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
