/** The runtimes themselves, which are npm packages. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('node_modules/', import.meta.url));

/** Node of that major version: the one that this runs on, or a package. */
export function nodeProgram(major: number): string {
  if (process.version.startsWith(`v${major}.`)) return process.execPath;
  return present(path.join(modules, `node-${major}-${process.platform}-${process.arch}`, 'bin/node'));
}

/** The program of a package that has one optional dependency for each platform; npm installed that of this one. */
export function platformProgram(name: string, file: string): string {
  const { optionalDependencies } = manifestOf(name);
  const candidates = Object.keys(optionalDependencies).map((dependency) => path.join(modules, dependency, file));
  return present(candidates.find((candidate) => existsSync(candidate)) ?? path.join(modules, name, file));
}

/** The version of a runtime that does not tell it to what runs inside. */
export function versionOf(name: string): string {
  return manifestOf(name).version;
}

function manifestOf(name: string): { version: string; optionalDependencies: object } {
  return JSON.parse(readFileSync(path.join(modules, name, 'package.json'), 'utf8'));
}

function present(file: string): string {
  if (existsSync(file)) return file;
  throw new Error(`there is no ${file}: run node .ci/setup.mjs --for test`);
}
