/** Packages under `npm/` that have declarations, and the modules they export. */
import { globSync } from 'node:fs';
import path from 'node:path';
import { at, exists, read } from '../repository.ts';

/** The fields of a `package.json` that the site reads. */
export interface Manifest {
  readonly name: string;
  readonly description?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
}

/** One module that a package exports. */
export interface Module {
  /** Specifier that one imports. */
  readonly name: string;
  /** Absolute path of its declarations. */
  readonly file: string;
  /** Folder of its pages: `api/testing/vitest` for `@fusewire/testing/vitest`. */
  readonly pages: string;
}

/** Folder of the package that every other one builds on. */
export const CORE = 'npm/fusewire';

export const manifestOf = (folder: string): Manifest => JSON.parse(read(`${folder}/package.json`)) as Manifest;

/** Returns the folder of a package's pages. */
export const apiFolder = (folder: string): string => `api/${path.posix.basename(folder)}`;

/** Returns the name of a package's index page. */
export const apiIndex = (folder: string): string => `${apiFolder(folder)}/index`;

/** Returns the folders of the packages that are built, the core first. */
export function packageFolders(): string[] {
  return globSync('npm/{*,*/*}/package.json', { cwd: at(), exclude: (name) => name === 'node_modules' })
    .map((file) => path.dirname(file).replaceAll('\\', '/'))
    .filter((folder) => modulesOf(folder).length > 0)
    .sort((one, other) => Number(other === CORE) - Number(one === CORE) || one.localeCompare(other));
}

/** Returns the modules of a package whose declarations are built. */
export function modulesOf(folder: string): Module[] {
  const { name, exports = {} } = manifestOf(folder);
  return Object.entries(exports).flatMap(([subpath, conditions]) => {
    const file = typesOf(conditions)?.replace('./', `${folder}/`);
    if (file === undefined || !exists(file)) return [];
    // Where the module is a class, as in CommonJS, its exports by name are declared beside it.
    const byName = file.replace(/index\.d\.ts$/, 'module.d.ts');
    const declarations = exists(byName) ? byName : file;
    return [{ name: name + subpath.slice(1), file: at(declarations), pages: apiFolder(folder) + subpath.slice(1) }];
  });
}

/** Returns the first declarations that the conditions of an export lead to, in the order of the manifest. */
function typesOf(conditions: unknown): string | undefined {
  if (typeof conditions !== 'object' || conditions === null) return undefined;
  const { types, ...others } = conditions as Record<string, unknown>;
  if (typeof types === 'string') return types;
  return Object.values(others)
    .map(typesOf)
    .find((each) => each !== undefined);
}
