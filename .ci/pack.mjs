#!/usr/bin/env node
// Packs the published packages into .tools/packages: `<name>.tgz` for each package under npm/, without its scope, and
// `native-<platform>.tgz` for each addon.
//
//   node .ci/pack.mjs [folder with addons; default bindings/node/dist]
//
// Only the packed manifest of fusewire lists the platform packages: in the workspace npm could not install them.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { packageFolders, readManifest } from './lib/packages.mjs';
import { at } from './lib/paths.mjs';

const addons = path.resolve(process.argv[2] ?? at('bindings/node/dist'));
const destination = at('.tools/packages');
const platforms = readJson(at('bindings/node/platforms.json'));
const fusewire = readManifest('npm/fusewire');
/** The addresses of the public repository. Only continuous integration knows them; elsewhere there are none. */
const addresses = addressesOf(process.env);

const packageName = (platform) => `@fusewire/native-${platform}`;
const addonFile = (platform) => `fusewire.${platform}.node`;

const work = mkdtempSync(path.join(tmpdir(), 'fusewire-pack-'));
try {
  const packed = [...publishedFolders().map(packFolder), ...platforms.filter(isBuilt).map(packAddon)];
  deliver(packed);
} finally {
  rmSync(work, { recursive: true });
}

/** Returns the folder of each package that is published. */
function publishedFolders() {
  return packageFolders().filter((folder) => !readManifest(folder).private);
}

function packFolder(folder) {
  const manifest = readManifest(folder);
  const stage = path.join(work, path.basename(manifest.name));
  const entry = manifest.main ?? firstEntry(manifest);
  if (!existsSync(at(folder, entry))) throw new Error(`${folder}: ${entry} is not built`);
  for (const file of manifest.files.filter((file) => existsSync(at(folder, file)))) {
    cpSync(at(folder, file), path.join(stage, file), { recursive: true });
  }
  return pack(stage, manifest.name === fusewire.name ? withPlatforms(manifest) : manifest);
}

/** Returns the first entry for `require` of a package that has several entries and none for its name alone. */
function firstEntry({ exports }) {
  const [entry] = Object.values(exports);
  return (entry.node ?? entry).require.default;
}

function withPlatforms(manifest) {
  const optionalDependencies = Object.fromEntries(platforms.map(({ name }) => [packageName(name), manifest.version]));
  return { ...manifest, optionalDependencies };
}

function isBuilt({ name }) {
  return existsSync(path.join(addons, addonFile(name)));
}

function packAddon({ name, os, cpu, libc }) {
  const stage = path.join(work, `native-${name}`);
  const file = addonFile(name);
  cpSync(path.join(addons, file), path.join(stage, file));
  cpSync(at('LICENSE'), path.join(stage, 'LICENSE'));
  writeFileSync(path.join(stage, 'README.md'), readme(name));
  return pack(stage, {
    name: packageName(name),
    version: fusewire.version,
    description: `The native engine of fusewire for ${name}.`,
    license: fusewire.license,
    engines: fusewire.engines,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    type: 'commonjs',
    main: file,
    files: [file],
  });
}

function readme(platform) {
  return (
    `# ${packageName(platform)}\n\n` +
    `The native engine of fusewire for ${platform}.\n` +
    `npm installs it along with fusewire where it fits; there is nothing to import from it.\n`
  );
}

/** Returns `repository`, which npm compares with the provenance of a package, `homepage` and `bugs`. */
function addressesOf({ GITHUB_SERVER_URL, GITHUB_REPOSITORY }) {
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY) return {};
  const url = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`;
  return {
    repository: { type: 'git', url: `git+${url}.git` },
    homepage: `${url}#readme`,
    bugs: { url: `${url}/issues` },
  };
}

/** Packs `stage` with `manifest`. Returns the path of the tarball. */
function pack(stage, manifest) {
  mkdirSync(stage, { recursive: true });
  const whole = { ...manifest, ...addresses };
  writeFileSync(path.join(stage, 'package.json'), `${JSON.stringify(whole, null, 2)}\n`);
  const tarball = `${stage}.tgz`;
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], {
    cwd: stage,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  });
  const [{ filename }] = JSON.parse(output);
  renameSync(path.join(work, filename), tarball);
  return tarball;
}

/** Replaces the tarballs file by file, because another process may be reading them. */
function deliver(tarballs) {
  mkdirSync(destination, { recursive: true });
  const names = tarballs.map((tarball) => path.basename(tarball));
  for (const tarball of tarballs) {
    const fresh = path.join(destination, `${path.basename(tarball)}.new`);
    cpSync(tarball, fresh);
    renameSync(fresh, fresh.slice(0, -'.new'.length));
  }
  for (const name of readdirSync(destination)) {
    if (!names.includes(name)) rmSync(path.join(destination, name), { recursive: true });
  }
  console.log(names.join('\n'));
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
