// The npm packages of this repository: `npm/<package>`, and `npm/<group>/<package>`.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { at } from './paths.mjs';
import { StepFailure } from './processes.mjs';

/** Returns the folder of each npm package, relative to the repository, in alphabetical order. */
export function packageFolders() {
  return foldersIn('npm').flatMap((folder) => (isPackage(folder) ? [folder] : foldersIn(folder).filter(isPackage)));
}

/** Returns the manifest of the package in `folder`. A failure names the file. */
export function readManifest(folder) {
  const file = `${folder}/package.json`;
  try {
    return JSON.parse(readFileSync(at(file), 'utf8'));
  } catch (error) {
    throw new StepFailure(`${file}: ${error.message}`);
  }
}

/** Returns the folders directly inside `parent`, relative to the repository; none if there is no such folder. */
export function foldersIn(parent) {
  if (!existsSync(at(parent))) return [];
  return readdirSync(at(parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`)
    .sort();
}

function isPackage(folder) {
  return existsSync(at(folder, 'package.json'));
}
