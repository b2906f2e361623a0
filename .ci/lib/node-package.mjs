// Builds a package for Node: one CommonJS instance, which its ES module re-exports, and the declarations for both.

import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';

const require = createRequire(import.meta.url);

/** Builds `dist` of the package in `folder` from its `src/index.ts`. What it depends on stays outside. */
export async function buildNodePackage(folder) {
  const dist = join(folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  await build({
    entryPoints: [join(folder, 'src/index.ts')],
    outfile: join(dist, 'index.cjs'),
    bundle: true,
    packages: 'external',
    format: 'cjs',
    platform: 'node',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const names = Object.keys(require(join(dist, 'index.cjs')));
  writeFileSync(
    join(dist, 'index.mjs'),
    `import instance from './index.cjs';\nexport const { ${names.join(', ')} } = instance;\n`,
  );
  declare(folder, dist);
}

function declare(folder, dist) {
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', join(folder, 'tsconfig.types.json')], { stdio: 'inherit' });
  const esm = join(dist, 'types/esm');
  for (const name of readdirSync(esm, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = join(esm, name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/(?<=from '\.\.?\/[\w/-]+)\.ts'/g, ".js'"));
  }
  const cjs = join(dist, 'types/cjs');
  cpSync(esm, cjs, { recursive: true });
  writeFileSync(join(cjs, 'package.json'), '{ "type": "commonjs" }\n');
}
