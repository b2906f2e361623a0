/** Compiles the test program for one version of NestJS: Node runs no decorators. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const program = path.join(import.meta.dirname, '12/program');

/** Compiles a file of the program into the folder of a version, and loads it there. Resolves with its exports. */
export async function load(folder: string, file: string, format: 'esm' | 'cjs' = 'esm'): Promise<unknown> {
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
