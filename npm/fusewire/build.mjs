// Builds dist: one CommonJS instance for Node, of which each subpath re-exports its part; ES modules for everywhere else; and
// the declarations, once for each module system. The WebAssembly engines must have been built into bindings/wasm/pkg.
import { build, transform } from 'esbuild';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { declareOnce } from '../../.ci/lib/declarations.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const engine = join(here, '../../bindings/wasm/pkg');
const generated = join(here, 'src/engine/generated');
const dist = join(here, 'dist');
/** Sources of what programs import, by the name of the subpath. */
const subpaths = new Map([
  ['index', 'index'],
  ['adaptive', 'subpaths/adaptive'],
  ['errors', 'subpaths/errors'],
  ['kit', 'subpaths/kit'],
  ['queue', 'subpaths/queue'],
]);
/** Modules that `#platform` and `#policies` may be in an ES module. */
const platforms = ['default', 'workerd', 'edge-light', 'bundle'].flatMap((name) => [name, `${name}-policies`]);
/** Sources that stand in a module of their own on Node, so that handling errors loads no engine. */
const sharedErrors = [
  ...readdirSync(join(here, 'src/errors')).map((file) => `errors/${file}`),
  'policies/fallback/fallback-errors.ts',
];
const withSharedErrors = {
  name: 'shared errors',
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => {
      const source = relative(join(here, 'src'), join(resolveDir, path)).replaceAll('\\', '/');
      return sharedErrors.includes(source) ? { path: './errors-instance.cjs', external: true } : undefined;
    });
  },
};
/** Every failed call reads exports of this module, and reading a property is faster than calling the bundler's getter. */
const WITHOUT_GETTERS = 'module.exports = { ...module.exports };';
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const common = { target: 'es2022', charset: 'utf8', legalComments: 'none', logLevel: 'warning' };

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, 'platforms'), { recursive: true });
copyEngines();
const [names] = await Promise.all([
  writeModules(),
  bundle('node', { plugins: [withSharedErrors] }),
  bundle('errors-instance', {
    entryPoints: undefined,
    stdin: {
      contents: sharedErrors.map((file) => `export * from './${file}';`).join('\n'),
      resolveDir: join(here, 'src'),
    },
    footer: { js: WITHOUT_GETTERS },
  }),
  bundle('engine'),
  bundle('policies'),
  bundle('warnings'),
  bundle('../doctor/index', { outfile: join(dist, 'doctor-instance.cjs') }),
  bundle('cli', { banner: { js: '#!/usr/bin/env node' } }),
]);
cpSync(join(generated, 'fusewire_wasm_bg.wasm'), join(dist, 'platforms/fusewire.wasm'));
cpSync(join(generated, 'fusewire_policies_bg.wasm'), join(dist, 'platforms/policies.wasm'));
for (const [subpath, exported] of names) writeFacade(subpath, exported);
writeFacade('doctor', Object.keys(createRequire(import.meta.url)('./dist/doctor-instance.cjs')));
if (!process.argv.includes('--no-types')) declareOnce(here, [...subpaths.values(), 'doctor/index']);

/**
 * Copies both engines to where the sources import them from: the bytes as text to be inlined, compressed for Node, and the
 * glue, which creates a `TextDecoder` and a `TextEncoder` at once, with its own.
 */
function copyEngines() {
  mkdirSync(generated, { recursive: true });
  for (const [name, folder] of Object.entries({ fusewire_wasm: engine, fusewire_policies: join(engine, 'policies') })) {
    for (const file of [`${name}.d.ts`, `${name}_bg.wasm`]) cpSync(join(folder, file), join(generated, file));
    const glue = readFileSync(join(folder, `${name}.js`), 'utf8');
    writeFileSync(join(generated, `${name}.js`), `import { TextDecoder, TextEncoder } from '../utf8.ts';\n${glue}`);
    const bytes = readFileSync(join(generated, `${name}_bg.wasm`));
    writeFileSync(join(generated, `${name}_bg.base64`), bytes.toString('base64'));
    writeFileSync(join(generated, `${name}_bg.brotli`), brotliCompressSync(bytes).toString('base64'));
  }
}

/**
 * Bundles `src/entries/<entry>.ts` into `dist/<entry>.cjs` for Node. Node prints the line that threw an uncaught error, so
 * there is one statement a line.
 */
function bundle(entry, options) {
  return build({
    ...common,
    entryPoints: [join(here, 'src/entries', `${entry}.ts`)],
    outfile: join(dist, `${entry}.cjs`),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    loader: { '.base64': 'text', '.brotli': 'text' },
    define: constants({ isBundled: false }),
    alias: {
      '#platform': join(here, 'src/platforms/node.ts'),
      '#policies': join(here, 'src/platforms/node-policies.ts'),
    },
    external: ['./*.cjs'],
    ...options,
  });
}

/**
 * Writes one ES module for each source that a subpath or a platform reaches: a bundler leaves out the files that a program
 * does not use. Which platform `#platform` is, the conditions in `package.json` decide. Returns the names that each subpath
 * exports.
 */
async function writeModules() {
  const options = { ...common, define: constants({ isBundled: true }), format: 'esm' };
  const entries = [...subpaths.values(), ...[...platforms, 'bundle-development'].map((name) => `platforms/${name}`)];
  const { metafile } = await build({
    ...options,
    entryPoints: entries.map((file) => join(here, 'src', `${file}.ts`)),
    outdir: dist,
    absWorkingDir: here,
    bundle: true,
    splitting: true,
    treeShaking: false,
    loader: { '.base64': 'text', '.brotli': 'text' },
    external: ['#platform', '#policies', 'node:*', './*.wasm', './*.wasm?module'],
    metafile: true,
    write: false,
  });
  await Promise.all(Object.keys(metafile.inputs).map((source) => writeModule(relative('src', source), options)));
  const outputs = Object.values(metafile.outputs);
  return [...subpaths].map(([subpath, file]) => {
    const { exports } = outputs.find(({ entryPoint }) => entryPoint === `src/${file}.ts`);
    return [subpath, exports];
  });
}

/** Writes the ES module of a source. Programs are bundled again, and their size counts. Names stay, for stack traces. */
async function writeModule(source, options) {
  const text = readFileSync(join(here, 'src', source), 'utf8');
  const loader = /\.(base64|brotli)$/.test(source) ? 'text' : 'ts';
  const { code } = await transform(text, { ...options, loader, minifyWhitespace: true, minifySyntax: true });
  const output = join(dist, moduleOf(source));
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, code.replaceAll(/(?<=(?:from|import)")\.[^"]+\.(?:ts|base64|brotli)(?=";)/g, moduleOf));
}

/** Returns the path of the module of a source. An engine has its bytes in two files of one name. */
function moduleOf(source) {
  return source.replace(/\.brotli$/, '-compressed.js').replace(/\.(ts|base64)$/, '.js');
}

/** Returns the constants that the sources declare. */
function constants({ isBundled }) {
  return { VERSION: JSON.stringify(version), BUNDLED: String(isBundled) };
}

/**
 * Writes the modules of a subpath for Node. Both hand on the same instance, so that a program which loads both has one copy.
 * Node finds the names of the CommonJS module by a scan, which takes 20 ms for one of the size of the instance.
 */
function writeFacade(subpath, exported) {
  const list = exported.toSorted().join(', ');
  const instance = { errors: 'errors-instance', doctor: 'doctor-instance' }[subpath] ?? 'node';
  writeFileSync(
    join(dist, `${subpath}.cjs`),
    `const { ${list} } = require('./${instance}.cjs');\nmodule.exports = { ${list} };\n`,
  );
  writeFileSync(join(dist, `${subpath}.mjs`), `export { ${list} } from './${subpath}.cjs';\n`);
}
