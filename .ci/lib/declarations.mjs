// Writes the declarations of a package, for both module systems.

import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';

const require = createRequire(import.meta.url);
const COMMONJS = '{ "type": "commonjs" }\n';

/**
 * Writes `dist/types` of the package in `folder`: the declarations once for each module system. Keeps only those that its
 * `entries` reach.
 */
export function declare(folder, entries) {
  const esm = join(folder, 'dist/types/esm');
  compile(folder, esm, entries);
  const cjs = join(folder, 'dist/types/cjs');
  cpSync(esm, cjs, { recursive: true });
  writeFileSync(join(cjs, 'package.json'), COMMONJS);
}

/**
 * Writes `dist/types` of the package in `folder`: the declarations of CommonJS modules, and for each entry an ES module that
 * exports the same. Large declarations are published once in this way. It suits a package whose modules all export names.
 */
export function declareOnce(folder, entries) {
  const types = join(folder, 'dist/types');
  compile(folder, types, entries);
  shorten(types, entries);
  writeFileSync(join(types, 'package.json'), COMMONJS);
  for (const entry of entries) {
    writeFileSync(join(types, `${entry}.d.mts`), `export * from './${basename(entry)}.js';\n`);
  }
}

/**
 * Shortens the declarations: they are indented by tabs, and those that no entry exports lose their comments. They are there only
 * because the compiler needs their types.
 */
function shorten(types, entries) {
  const exported = new Set(entries.map((entry) => join(types, `${entry}.d.ts`)));
  for (const file of exported) {
    const reexports = /^export (?:type )?(?:\{[^}]*\}|\*) from '(\.[^']+)\.js'/gm;
    for (const [, name] of readFileSync(file, 'utf8').matchAll(reexports))
      exported.add(join(dirname(file), `${name}.d.ts`));
  }
  for (const name of readdirSync(types, { recursive: true })) {
    const file = join(types, name);
    if (!file.endsWith('.d.ts')) continue;
    const text = readFileSync(file, 'utf8').replaceAll(/^(?: {4})+/gm, (indent) => '\t'.repeat(indent.length / 4));
    writeFileSync(file, exported.has(file) ? text : text.replaceAll(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, ''));
  }
}

/** Compiles the declarations of the package in `folder` that its `entries` reach. */
function compile(folder, types, entries) {
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  const settings = ['-p', join(folder, 'tsconfig.types.json'), '--outDir', types];
  execFileSync(process.execPath, [compiler, ...settings], { stdio: 'inherit' });
  const reached = new Set(entries.map((entry) => join(types, `${entry}.d.ts`)));
  for (const file of reached) {
    const text = readFileSync(file, 'utf8').replaceAll(/(?<=from '(?:\.\.?\/)+[\w/-]+)\.ts'/g, ".js'");
    for (const [name] of text.matchAll(/(?<=from ')(?:\.\.?\/)+[\w/-]+(?=\.js')/g)) {
      reached.add(join(dirname(file), `${name}.d.ts`));
    }
    writeFileSync(file, text);
  }
  for (const name of readdirSync(types, { recursive: true })) {
    const file = join(types, name);
    if (file.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
}
