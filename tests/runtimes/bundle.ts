/** Bundles the suite for a runtime, with the vectors in it. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';

const vectors = new URL('../vectors/', import.meta.url);
const notVectors = ['digests.json', 'vector.schema.json'];
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, vectors), 'utf8'));
const names = readdirSync(vectors).filter((file) => file.endsWith('.json') && !notVectors.includes(file));

const digests = read('digests.json') as object;

/** How many cases there are. */
export const caseCount = Object.keys(digests).length;

/** Bundles `inside/<entry>.ts` into a file of `folder`, where `fusewire` is installed; returns its path. */
export async function bundle(entry: string, folder: string, options: BuildOptions = {}): Promise<string> {
  const outfile = path.join(folder, `${entry}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL(`inside/${entry}.ts`, import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: [],
    define: {
      VECTORS: JSON.stringify(Object.fromEntries(names.map((name) => [name.replace('.json', ''), read(name)]))),
      DIGESTS: JSON.stringify(digests),
    },
    plugins: [installedIn(folder)],
    logLevel: 'warning',
    ...options,
  });
  return outfile;
}

/** Takes `fusewire` from the project, and for the tests the module of the package that lets at the engine. */
export function installedIn(folder: string): Plugin {
  const installed = path.join(folder, 'node_modules/fusewire');
  return {
    name: 'installed package',
    setup(build) {
      build.onResolve({ filter: /^(fusewire(\/|$)|#platform$)/ }, ({ path: name, kind, importer, pluginData }) => {
        if (pluginData === 'resolving' || importer.startsWith(installed)) return undefined;
        return build.resolve(name, {
          resolveDir: name === '#platform' ? installed : folder,
          kind,
          pluginData: 'resolving',
        });
      });
    },
  };
}
