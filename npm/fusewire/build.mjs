// Builds dist:
//
//   *.js         ES modules, for every platform: one for each subpath, and what they share in `core.js` and `core-errors.js`
//   platforms/   what `#platform` and `#policies` may be, and the engines; on Node CommonJS, read at the first use
//   commonjs/    the same as CommonJS, for what cannot load ES modules by `require`; `*.cjs` chooses
//   doctor.*     the doctor, cli.cjs and warnings.cjs, and what they share
//   types/       the declarations, once for both module systems
//
// The WebAssembly engines must have been built into bindings/wasm/pkg.
import { transform } from 'esbuild';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { rollup } from 'rollup';
import { declareOnce } from '../../.ci/lib/declarations.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const pkg = join(here, '../../bindings/wasm/pkg');
const dist = join(here, 'dist');
const sourceOf = (module) => join(here, 'src', `${module}.ts`);
/** Sources of what programs import, by the name of the subpath. */
const subpaths = {
  index: 'index',
  adaptive: 'subpaths/adaptive',
  errors: 'subpaths/errors',
  kit: 'subpaths/kit',
  queue: 'subpaths/queue',
};
/** Platforms whose modules are ES modules. */
const platforms = ['default', 'workerd', 'edge-light'].flatMap((name) => [name, `${name}-policies`]);
/** Engines of bindings/wasm: the files, and the names of what is published of them. */
const engines = [
  { folder: pkg, file: 'fusewire_wasm', module: 'fusewire.wasm', bytes: 'breakers-bytes.js' },
  { folder: join(pkg, 'policies'), file: 'fusewire_policies', module: 'policies.wasm', bytes: 'policies-bytes.js' },
];
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
/**
 * Programs are bundled again, and their size counts. Names stay, for stack traces; and Node prints the line that threw an
 * uncaught error, so that lines stay short.
 */
const common = {
  target: 'es2022',
  legalComments: 'none',
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 80,
  define: { VERSION: JSON.stringify(version) },
};

const typescript = {
  name: 'typescript',
  transform: async (code, file) =>
    file.endsWith('.ts')
      ? (await transform(code, { ...common, loader: 'ts', minifySyntax: false, minifyWhitespace: false })).code
      : code,
};

/** Shortens a module. The names of its own functions and classes stay, for stack traces. */
async function minify(code, _, { format }) {
  // Without a format, esbuild keeps those names in a CommonJS module, but in an ES module it would not.
  const shorter = await transform(code, { ...common, minifyIdentifiers: format === 'cjs' });
  // Tools that search for modules expect a specifier in one line.
  return shorter.code.replaceAll(/(?<=\b(?:from|import|require\()\s*)"(?:[^"\\]|\\\n)*"/g, (specifier) =>
    specifier.replaceAll('\\\n', ''),
  );
}

/** Files that the build writes beside the modules of `platforms`. */
const BESIDE = engines.flatMap(({ module, bytes }) => [`./${module}`, `./${module}?module`, `./${bytes}`]);
const filesBesidePlatforms = {
  name: 'files beside platforms',
  resolveId: (path) => (BESIDE.includes(path) ? { id: `beside:${path}`, external: true } : undefined),
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, 'platforms'), { recursive: true });
engines.forEach(copyEngine);
await Promise.all([writeModules(), writeCommonJs()]);
for (const subpath of Object.keys(subpaths)) writeChoice(subpath);
writeFileSync(
  join(dist, 'doctor.mjs'),
  `export { ${Object.keys(createRequire(import.meta.url)('./dist/doctor.cjs')).join(', ')} } from './doctor.cjs';\n`,
);
if (!process.argv.includes('--no-types')) declareOnce(here, [...Object.values(subpaths), 'doctor/index']);

/**
 * Copies an engine: the module to where Node and Workers read it, its bytes as text for bundles, and the glue to the sources,
 * with our `TextDecoder` and `TextEncoder`, of which it creates one at once.
 */
function copyEngine({ folder, file, module, bytes }) {
  const generated = join(here, 'src/engine/generated');
  mkdirSync(generated, { recursive: true });
  cpSync(join(folder, `${file}.d.ts`), join(generated, `${file}.d.ts`));
  const glue = readFileSync(join(folder, `${file}.js`), 'utf8');
  writeFileSync(join(generated, `${file}.js`), `import { TextDecoder, TextEncoder } from '../utf8.ts';\n${glue}`);
  const engine = readFileSync(join(folder, `${file}_bg.wasm`));
  writeFileSync(join(dist, 'platforms', module), engine);
  const text = deflateRawSync(engine, { level: 9, memLevel: 6 }).toString('base64');
  writeFileSync(join(dist, 'platforms', bytes), `export default "${text}";\n`);
}

/** Writes the ES modules of the subpaths and of the platforms. */
async function writeModules() {
  const input = { ...subpaths };
  for (const name of platforms) input[`platforms/${name}`] = `platforms/${name}`;
  await writeChunks(input, {
    dir: dist,
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: ({ name }) => (name.startsWith('core') ? '[name].js' : 'platforms/[name].js'),
  });
}

/** Writes the CommonJS modules: of the subpaths, of Node as a platform, and of the doctor. */
async function writeCommonJs() {
  const options = {
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    exports: 'named',
    esModule: false,
    externalLiveBindings: false,
    freeze: false,
  };
  const paths = (folder) => ({ '#platform': `${folder}/node.cjs`, '#policies': `${folder}/node-policies.cjs` });
  await writeChunks(subpaths, { ...options, dir: join(dist, 'commonjs'), paths: paths('../platforms') });
  const node = {
    node: 'platforms/node',
    'node-development': 'platforms/node-development',
    'node-policies': 'platforms/node-policies',
    'node-breakers': 'entries/node-breakers',
    'node-policies-engine': 'entries/node-policies-engine',
  };
  await writeChunks(node, { ...options, dir: join(dist, 'platforms'), chunkFileNames: 'node-[name].cjs' });
  const doctor = { doctor: 'doctor/index', cli: 'entries/cli', warnings: 'entries/warnings' };
  await writeChunks(doctor, {
    ...options,
    dir: dist,
    chunkFileNames: 'doctor-[name].cjs',
    paths: paths('./platforms'),
  });
}

/** Writes modules, and what several of them share as modules of their own. `input` has sources by the path of their output. */
async function writeChunks(input, output) {
  const chunks = await rollup({
    input: Object.fromEntries(Object.entries(input).map(([name, module]) => [name, sourceOf(module)])),
    plugins: [typescript, filesBesidePlatforms],
    external: [/^#/, /^node:/],
    onLog: (level, { message }) => {
      if (level === 'warn') throw new Error(message);
    },
  });
  await chunks.write({
    hoistTransitiveImports: false,
    manualChunks: chunkOf,
    ...output,
    paths: { ...output.paths, ...Object.fromEntries(BESIDE.map((name) => [`beside:${name}`, name])) },
    plugins: [{ name: 'minify', renderChunk: minify }],
  });
  await chunks.close();
}

/**
 * Returns the shared module that contains a source. There are two, as each costs an import on Node time: `core-errors`, so that
 * handling errors loads nothing else, and `core` with all that breakers need or several subpaths use.
 */
function chunkOf(id, { getModuleInfo }) {
  const reaches = (from) => {
    const reached = new Set([sourceOf(from)]);
    for (const one of reached) for (const next of getModuleInfo(one)?.importedIds ?? []) reached.add(next);
    return reached.has(id);
  };
  const users = Object.values(subpaths).filter(reaches);
  if (users.length === 0 || Object.values(subpaths).some((module) => sourceOf(module) === id)) return undefined;
  if (users.includes(subpaths.errors)) return 'core-errors';
  return users.length > 1 || reaches('breaker/circuit-breaker') ? 'core' : undefined;
}

/**
 * Writes what `require` loads of a subpath: the ES module, so that a program which also imports it has one copy, or else the
 * CommonJS one. Node before 20.19 and Jest cannot load ES modules by `require`.
 */
function writeChoice(subpath) {
  writeFileSync(
    join(dist, `${subpath}.cjs`),
    `let chosen;
try {
  chosen = require('./${subpath}.js');
} catch {
  chosen = require('./commonjs/${subpath}.cjs');
}
module.exports = { ...chosen };
`,
  );
}
