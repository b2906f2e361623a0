import { build } from 'esbuild';
import { cpSync, mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bug } from './bugs.ts';
import { planting } from './planting.ts';

const sources = fileURLToPath(new URL('../../npm/fusewire/src/', import.meta.url));
const dist = dirname(createRequire(import.meta.url).resolve('fusewire'));

/** Builds the package with a bug, and returns the path of the build. Throws if the bug does not fit its file. */
export async function buildWith(bug: Bug): Promise<string> {
  const plugins = [planting(sources, bug)];
  const folder = mkdtempSync(join(tmpdir(), 'fusewire-runs-'));
  cpSync(join(dist, 'platforms'), join(folder, 'platforms'), { recursive: true });
  const outfile = join(folder, 'commonjs/index.cjs');
  await build({
    entryPoints: [join(sources, 'index.ts')],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'es2022',
    define: { VERSION: '"0.0.0"' },
    alias: { '#platform': '../platforms/node.cjs', '#policies': '../platforms/node-policies.cjs' },
    external: ['../platforms/*'],
    plugins,
  });
  return outfile;
}
