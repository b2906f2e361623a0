// Plugin of esbuild that compiles the client of the dashboard into the module `fusewire:dashboard-assets`.

import { build } from 'esbuild';
import { basename, join } from 'node:path';

const MODULE = 'fusewire:dashboard-assets';

/** Returns the plugin. Every build that has it gets the same files. */
export function dashboardAssets(folder) {
  let compiled;
  return {
    name: 'dashboard-assets',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${MODULE}$`) }, () => ({ path: MODULE, namespace: 'assets' }));
      onLoad({ filter: /.*/, namespace: 'assets' }, async () => {
        compiled ??= compile(join(folder, 'src/dashboard/client'));
        return { contents: await compiled, loader: 'js' };
      });
    },
  };
}

async function compile(client) {
  const { outputFiles } = await build({
    entryPoints: [join(client, 'main.ts'), join(client, 'app.css')],
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    outdir: join(client, 'out'),
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2023',
    minify: true,
    write: false,
    logLevel: 'warning',
    legalComments: 'none',
  });
  const files = Object.fromEntries(outputFiles.map(({ path, text }) => [basename(path), text]));
  const named = (pattern) => JSON.stringify(Object.keys(files).find((name) => pattern.test(name)));
  return `
    export const script = ${named(/^main-.*\.js$/)};
    export const style = ${named(/^app-.*\.css$/)};
    export const files = ${JSON.stringify(files)};
  `;
}
