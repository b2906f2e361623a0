/** Styles and scripts, each in one file. */
import { build } from 'esbuild';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { presets } from '@fusewire/profiles';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Files of the folder `assets`: their names and contents. */
export async function buildAssets(): Promise<[name: string, content: string | Uint8Array][]> {
  const calculator = {
    WORKER_SCRIPT: JSON.stringify(await script('client/calculator/worker.ts')),
    PRESETS: JSON.stringify(presets),
  };
  return [
    ['site.css', styles()],
    ['site.js', await script('client/site.ts')],
    ['calculator.js', await script('client/calculator/main.ts', calculator)],
  ];
}

function styles(): string {
  const files = readdirSync(here('styles')).sort();
  return files.map((file) => readFileSync(here(`styles/${file}`), 'utf8')).join('\n');
}

/** Classic scripts: a page opened from a disk may not load modules. */
async function script(entry: string, define: Record<string, string> = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [here(entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    conditions: ['browser'],
    define,
  });
  return outputFiles[0]?.text ?? '';
}
