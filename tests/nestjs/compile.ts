/** The test program for one version of NestJS, compiled: Node runs no decorators. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const program = path.join(import.meta.dirname, '12/program');

/** Files of the program for every version of NestJS. */
const FILES = ['contract', 'decorators', 'scopes', 'filter', 'management', 'transports', 'http-service'];

/** Declares the tests of the program with the packages in `folder`, of `others` too, and those of the decorators as CommonJS. */
export async function testWith(folder: string, others: readonly string[] = []): Promise<void> {
  for (const file of [...FILES, ...others]) await load(folder, file);
  for (const file of ['decorators', 'scopes']) await load(folder, file, 'cjs');
}

/** Compiles a file of the program into the folder of a version, and loads it there. */
async function load(folder: string, file: string, format: 'esm' | 'cjs' = 'esm'): Promise<unknown> {
  const outfile = path.join(folder, '.work', `${file}.${format === 'esm' ? 'mjs' : 'cjs'}`);
  await build({
    entryPoints: [path.join(program, `${file}.ts`)],
    outfile,
    format,
    bundle: true,
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
  });
  return format === 'esm' ? import(outfile) : createRequire(outfile)(outfile);
}
