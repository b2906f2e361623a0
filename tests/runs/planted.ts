import { build } from 'esbuild';
import { copyFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bug } from './bugs.ts';

const sources = fileURLToPath(new URL('../../npm/fusewire/src/', import.meta.url));
const dist = dirname(createRequire(import.meta.url).resolve('fusewire'));

/** Builds the package with a bug, and returns the path of the build. Throws if the bug does not fit its file. */
export async function buildWith({ name, file, text, instead }: Bug): Promise<string> {
  const path = join(sources, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(text).length !== 2) throw new Error(`${name}: ${file} must have its text once`);
  const folder = mkdtempSync(join(tmpdir(), 'fusewire-runs-'));
  for (const part of ['engine.cjs', 'policies.cjs', 'warnings.cjs']) copyFileSync(join(dist, part), join(folder, part));
  const outfile = join(folder, 'node.cjs');
  await build({
    entryPoints: [join(sources, 'entries/node.ts')],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'es2022',
    define: { VERSION: '"0.0.0"', BUNDLED: 'false' },
    alias: {
      '#platform': join(sources, 'platforms/node.ts'),
      '#policies': join(sources, 'platforms/node-policies.ts'),
    },
    external: ['./*.cjs'],
    plugins: [
      {
        name: 'planted bug',
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, ({ path: loaded }) =>
            loaded === path ? { contents: source.replace(text, () => instead), loader: 'ts' } : undefined,
          );
        },
      },
    ],
  });
  return outfile;
}
