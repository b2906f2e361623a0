// Builds a package: CommonJS modules for Node, ES modules that re-export them, ES modules for other runtimes if the
// package asks for them, and the declarations.

import { build } from 'esbuild';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { declare } from './declarations.mjs';

const require = createRequire(import.meta.url);

/**
 * Builds `dist` of the package in `folder` from `src/<entry>.ts` of each entry, with source maps. Dependencies stay outside.
 * `everywhere` adds ES modules without anything of Node in them, except for the entries in `onlyNode`. `shared` puts what several
 * entries have in common into one module, so that a program which loads two of them has one copy of it; the entries `alone`
 * have nothing in common with others. `plugins` are those of esbuild.
 */
export async function buildPackage(
  folder,
  { entries = ['index'], onlyNode = [], everywhere = false, shared = false, alone = [], plugins = [] } = {},
) {
  const dist = join(folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  const sourceOf = (entry) => join(folder, 'src', `${entry}.ts`);
  const options = {
    outdir: dist,
    bundle: true,
    packages: 'external',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    // The sources are not published with these packages, so that the maps hold them.
    sourcemap: 'linked',
    logLevel: 'warning',
    plugins,
  };
  const commonJs = { ...options, format: 'cjs', platform: 'node', outExtension: { '.js': '.cjs' } };
  const together = shared ? entries.filter((entry) => !alone.includes(entry)) : [];
  const apart = entries.filter((entry) => !together.includes(entry));
  if (together.length > 0) await buildInstance(folder, dist, together, commonJs);
  await build({ ...commonJs, entryPoints: apart.map(sourceOf) });
  const portable = entries.filter((entry) => !onlyNode.includes(entry)).map(sourceOf);
  if (everywhere)
    await build({ ...options, entryPoints: portable, format: 'esm', platform: 'neutral', splitting: true });
  for (const entry of entries) reexport(dist, entry, await exportsOf(sourceOf(entry)));
  declare(folder, entries);
}

/** Returns a plugin with which the module `importer` loads an entry that is built beside it, so that its parts exist once. */
export function besides(importer, entry) {
  return {
    name: 'besides',
    setup({ onResolve }) {
      onResolve({ filter: new RegExp(`/${entry}\\.ts$`) }, (from) =>
        basename(from.importer) === `${importer}.ts` ? { path: `./${entry}.cjs`, external: true } : undefined,
      );
    },
  };
}

/** Builds one CommonJS module with the exports of all entries, and one for each entry that re-exports its part. */
async function buildInstance(folder, dist, entries, options) {
  const contents = entries.map((entry) => `export * as ${entry} from './${entry}.ts';`).join('\n');
  const stdin = { contents, resolveDir: join(folder, 'src'), sourcefile: 'instance.ts' };
  await build({ ...options, stdin, outdir: undefined, outfile: join(dist, 'instance.cjs') });
  const instance = require(join(dist, 'instance.cjs'));
  for (const entry of entries) {
    // Node finds the names of exports only in assignments such as these.
    const assignments = Object.keys(instance[entry]).map((name) => `exports.${name} = ${entry}.${name};\n`);
    const source = `'use strict';\nconst { ${entry} } = require('./instance.cjs');\n${assignments.join('')}`;
    writeFileSync(join(dist, `${entry}.cjs`), source);
  }
}

/** Returns the names that a module exports, without running it: it may need a program that is not installed here. */
async function exportsOf(source) {
  const { metafile } = await build({
    entryPoints: [source],
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    write: false,
    outdir: '.',
    metafile: true,
    logLevel: 'warning',
  });
  return Object.values(metafile.outputs).flatMap((output) => (output.entryPoint ? output.exports : []));
}

/** Writes an ES module that re-exports the CommonJS one, so that a program which loads both has one copy. */
function reexport(dist, entry, exported) {
  const names = exported.filter((name) => name !== 'default');
  const lines = [`import instance from './${entry}.cjs';`, `export const { ${names.join(', ')} } = instance;`];
  if (exported.includes('default')) lines.push('export default instance.default;');
  writeFileSync(join(dist, `${entry}.mjs`), `${lines.join('\n')}\n`);
}
