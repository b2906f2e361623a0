/** Styles, scripts and fonts of the site. */
import { build } from 'esbuild';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { presets } from '@fusewire/profiles';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const { resolve } = createRequire(import.meta.url);

/** The fonts, by the names that the styles have for them: Latin letters only, from packages under the Open Font License. */
const FONTS: Readonly<Record<string, string>> = {
  'inter.woff2': '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  'jetbrains-mono.woff2': '@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2',
};

type Asset = [name: string, content: string | Uint8Array];

/** Returns the files of the folder `assets`. */
export async function buildAssets(): Promise<Asset[]> {
  const calculator = {
    WORKER_SCRIPT: JSON.stringify(await script('client/calculator/worker.ts')),
    PRESETS: JSON.stringify(presetsOfForm()),
  };
  return [
    ['site.css', styles()],
    ['site.js', await script('client/site.ts')],
    ['calculator.js', await script('client/calculator/main.ts', calculator)],
    ...fonts(),
  ];
}

/** Returns the presets as the form of the calculator has them: the open time is a number there. */
function presetsOfForm(): object {
  const entries = Object.entries(presets).map(([name, { resetTimeout, ...options }]) => [
    name,
    { ...options, resetTimeout: resetTimeout.initial },
  ]);
  return Object.fromEntries(entries) as object;
}

function styles(): string {
  const files = readdirSync(here('styles')).sort();
  return files.map((file) => readFileSync(here(`styles/${file}`), 'utf8')).join('\n');
}

/** Returns each font, and its licence beside it. */
function fonts(): Asset[] {
  return Object.entries(FONTS).flatMap(([name, source]): Asset[] => {
    const file = resolve(source);
    const licence = path.join(path.dirname(file), '../LICENSE');
    return [
      [`fonts/${name}`, readFileSync(file)],
      [`fonts/${name.replace('.woff2', '.licence.txt')}`, readFileSync(licence)],
    ];
  });
}

/** Bundles a classic script: a page opened from a disk may not load modules. */
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
