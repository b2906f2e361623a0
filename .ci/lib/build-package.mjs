// Builds a package: a CommonJS module for Node, an ES module that re-exports it, ES modules for other runtimes if the
// package asks for them, and the declarations.

import { build } from 'esbuild';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { declare } from './declarations.mjs';

const require = createRequire(import.meta.url);

/**
 * Builds `dist` of the package in `folder` from `src/<entry>.ts` of each entry, with source maps. Dependencies stay outside.
 * `everywhere` adds ES modules without anything of Node in them.
 */
export async function buildPackage(folder, { entries = ['index'], everywhere = false } = {}) {
  const dist = join(folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  const options = {
    entryPoints: entries.map((entry) => join(folder, 'src', `${entry}.ts`)),
    outdir: dist,
    bundle: true,
    packages: 'external',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    // The sources are not published with these packages, so that the maps hold them.
    sourcemap: 'linked',
    logLevel: 'warning',
  };
  await build({ ...options, format: 'cjs', platform: 'node', outExtension: { '.js': '.cjs' } });
  if (everywhere) await build({ ...options, format: 'esm', platform: 'neutral', splitting: true });
  for (const entry of entries) reexport(dist, entry);
  declare(folder, entries);
}

/** Writes an ES module that re-exports the CommonJS one, so that a program which loads both has one copy. */
function reexport(dist, entry) {
  const names = Object.keys(require(join(dist, `${entry}.cjs`)));
  writeFileSync(
    join(dist, `${entry}.mjs`),
    `import instance from './${entry}.cjs';\nexport const { ${names.join(', ')} } = instance;\n`,
  );
}
