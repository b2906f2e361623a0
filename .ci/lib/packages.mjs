// The npm packages of this repository: `npm/<package>`, and `npm/<group>/<package>`.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { at } from './paths.mjs';

/** Returns the folder of each npm package, relative to the repository, in alphabetical order. */
export function packageFolders() {
  return foldersIn('npm').flatMap((folder) => (isPackage(folder) ? [folder] : foldersIn(folder).filter(isPackage)));
}

/** Returns the manifest of the package in `folder`. */
export function readManifest(folder) {
  return JSON.parse(readFileSync(at(folder, 'package.json'), 'utf8'));
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
