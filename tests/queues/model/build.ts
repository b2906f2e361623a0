import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planting } from '../../runs/planting.ts';
import type { Bug } from './bugs.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const require = createRequire(import.meta.url);
const platforms = join(dirname(require.resolve('fusewire')), 'platforms');

/**
 * Builds the module of a store from its source, and loads it. A bug replaces a part of one source.
 *
 * @throws {Error} if the bug does not fit its file.
 */
export async function buildStore(entry: string, bug?: Bug): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'fusewire-model-'));
  const outfile = join(folder, 'store.cjs');
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'es2022',
    define: { VERSION: '"0.0.0"' },
    // The module opens no database by itself.
    alias: { '#platform': join(platforms, 'node.cjs'), 'better-sqlite3': 'node:module' },
    external: [`${platforms}/*`],
    plugins: bug === undefined ? [] : [planting(root, bug)],
  });
  const loaded = require(outfile) as Record<string, unknown>;
  rmSync(folder, { recursive: true });
  return loaded;
}
