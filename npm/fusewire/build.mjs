// Builds dist: one CommonJS instance for Node, which its ES module re-exports; ES modules for everywhere else; and the
// declarations, once for each module system. The WebAssembly engines must have been built into bindings/wasm/pkg.
import { build } from 'esbuild';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { declare } from '../../.ci/lib/declarations.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const engine = join(here, '../../bindings/wasm/pkg');
const generated = join(here, 'src/engine/generated');
const dist = join(here, 'dist');
/** Replaces the globals `TextDecoder` and `TextEncoder`, which the glue of an engine creates at once. */
const utf8 = join(here, 'src/engine/utf8.ts');
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
copyEngines();
await Promise.all([
  bundle('node', 'node.cjs', { format: 'cjs', platform: 'node' }),
  bundle('engine', 'engine.cjs', { format: 'cjs', platform: 'node', inject: [utf8] }),
  bundle('policies', 'policies.cjs', { format: 'cjs', platform: 'node', inject: [utf8] }),
  bundle('warnings', 'warnings.cjs', { format: 'cjs', platform: 'node' }),
  bundle('../doctor/index', 'doctor.cjs', { format: 'cjs', platform: 'node' }),
  bundle('cli', 'cli.cjs', { format: 'cjs', platform: 'node', banner: { js: '#!/usr/bin/env node' } }),
  bundle('default', 'default.js', { inject: [utf8] }),
  bundle('default', 'default.cjs', { format: 'cjs', inject: [utf8] }),
  bundle('workerd', 'workerd.js', {}),
  bundle('edge-light', 'edge-light.js', {}),
]);
cpSync(join(generated, 'fusewire_wasm_bg.wasm'), join(dist, 'fusewire.wasm'));
cpSync(join(generated, 'fusewire_policies_bg.wasm'), join(dist, 'policies.wasm'));
reexport('node.cjs', 'node.mjs');
reexport('doctor.cjs', 'doctor.mjs');
if (!process.argv.includes('--no-types')) declare(here, ['index', 'doctor/index']);

/** Copies both engines to where the sources import them from: the glue as it is, the bytes as text to be inlined. */
function copyEngines() {
  mkdirSync(generated, { recursive: true });
  for (const [name, folder] of Object.entries({ fusewire_wasm: engine, fusewire_policies: join(engine, 'policies') })) {
    for (const file of [`${name}.js`, `${name}.d.ts`, `${name}_bg.wasm`]) {
      cpSync(join(folder, file), join(generated, file));
    }
    const bytes = readFileSync(join(generated, `${name}_bg.wasm`));
    writeFileSync(join(generated, `${name}_bg.base64`), bytes.toString('base64'));
  }
}

/** Bundles `src/entries/<entry>.ts` into `dist/<output>`, with a source map that refers to the published `src`. */
async function bundle(entry, output, options) {
  // Node prints the line that threw an uncaught error, so its builds keep one statement a line. Programs for elsewhere are
  // bundled again, and their size counts. Names stay, for stack traces.
  const isMinified = options.platform !== 'node';
  const { outputFiles } = await build({
    entryPoints: [join(here, 'src/entries', `${entry}.ts`)],
    outfile: join(dist, output),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    minifyWhitespace: isMinified,
    minifySyntax: isMinified,
    legalComments: 'none',
    loader: { '.base64': 'text' },
    define: { VERSION: JSON.stringify(version) },
    alias: { '#platform': join(here, 'src/engine/platforms', `${options.platform ?? entry}.ts`) },
    external: ['./*.cjs', './*.wasm', './*.wasm?module'],
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
    write: false,
    ...options,
  });
  for (const { path, text } of outputFiles) writeFileSync(path, path.endsWith('.map') ? withoutEngines(text) : text);
}

/** Returns a source map in which the bytes of the engines, which are not published as text, are empty files. */
function withoutEngines(text) {
  const map = JSON.parse(text);
  const sourcesContent = map.sources.map((source) => (source.endsWith('.base64') ? '' : null));
  return JSON.stringify(sourcesContent.includes('') ? { ...map, sourcesContent } : map);
}

/**
 * Writes an ES module that re-exports the CommonJS one, so that a program which loads both has one copy. Node scans an
 * imported CommonJS module for its names, which takes 20 ms for one of this size. It scans the small bridge instead.
 */
function reexport(source, output) {
  const bridge = source.replace('.cjs', '-bridge.cjs');
  const names = Object.keys(require(join(dist, source)));
  writeFileSync(join(dist, bridge), `const instance = require('./${source}');\nmodule.exports = instance;\n`);
  writeFileSync(
    join(dist, output),
    `import instance from './${bridge}';\nexport const { ${names.join(', ')} } = instance;\n`,
  );
}
