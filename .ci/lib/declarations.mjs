// Writes the declarations of a package, once for each module system.

import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';

const require = createRequire(import.meta.url);

/** Writes `dist/types` of the package in `folder`. Keeps only the declarations that its `entries` reach. */
export function declare(folder, entries) {
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', join(folder, 'tsconfig.types.json')], { stdio: 'inherit' });
  const esm = join(folder, 'dist/types/esm');
  const reached = new Set(entries.map((entry) => join(esm, `${entry}.d.ts`)));
  for (const file of reached) {
    const text = readFileSync(file, 'utf8').replaceAll(/(?<=from '(?:\.\.?\/)+[\w/-]+)\.ts'/g, ".js'");
    for (const [name] of text.matchAll(/(?<=from ')(?:\.\.?\/)+[\w/-]+(?=\.js')/g)) {
      reached.add(join(dirname(file), `${name}.d.ts`));
    }
    writeFileSync(file, text);
  }
  for (const name of readdirSync(esm, { recursive: true })) {
    const file = join(esm, name);
    if (file.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
  const cjs = join(folder, 'dist/types/cjs');
  cpSync(esm, cjs, { recursive: true });
  writeFileSync(join(cjs, 'package.json'), '{ "type": "commonjs" }\n');
}
