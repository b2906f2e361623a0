#!/usr/bin/env node
// Publishes the packed packages. A package that the registry has already, with the same content, is skipped, so that a release
// that stopped half-way can be run again.
//
//   node .ci/publish.mjs <folder with tarballs> [options of npm publish…]
//
// Nothing is published if the registry has other content under one of the versions: published versions never change.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const [folder, ...options] = process.argv.slice(2);
if (folder === undefined)
  throw new Error('usage: node .ci/publish.mjs <folder with tarballs> [options of npm publish…]');

const packages = inOrder(
  readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .sort()
    .map((name) => read(path.join(folder, name))),
);
if (packages.length === 0) throw new Error(`${folder} has no tarballs`);

const missing = packages.filter((entry) => !isPublished(entry));
for (const entry of packages.filter((other) => !missing.includes(other)))
  console.log(`${entry.id} is published already`);
for (const entry of missing) {
  publish(entry);
  console.log(`${entry.id} is published`);
}

/** Returns the manifest, the name with the version, and the integrity of a tarball. */
function read(file) {
  const manifest = JSON.parse(execFileSync('tar', ['-xzOf', file, 'package/package.json'], { encoding: 'utf8' }));
  const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  return { file: path.resolve(file), manifest, id: `${manifest.name}@${manifest.version}`, integrity };
}

/** Returns the packages with each after those that it depends on, so that none can be installed before its dependencies. */
function inOrder(all) {
  const byName = new Map(all.map((entry) => [entry.manifest.name, entry]));
  const ordered = new Set();
  const visit = (entry) => {
    const { dependencies, optionalDependencies, peerDependencies } = entry.manifest;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      if (byName.has(name)) visit(byName.get(name));
    }
    ordered.add(entry);
  };
  all.forEach(visit);
  return [...ordered];
}

function publish(entry) {
  try {
    npm(['publish', ...options, entry.file], 'inherit');
  } catch (error) {
    // The registry may have accepted the package, and its answer was lost.
    if (!isPublished(entry)) throw error;
  }
}

/** Returns whether the registry has this package. Throws if it has another one of the same version. */
function isPublished({ id, integrity }) {
  const published = publishedIntegrity(id);
  if (published === undefined || published === integrity) return published !== undefined;
  throw new Error(
    `${id} is published with other content: ${published} instead of ${integrity}. ` +
      'Run only the failed jobs again, which use the same tarballs, or release a new version.',
  );
}

/** Returns the integrity of a version in the registry; undefined if there is no such version. */
function publishedIntegrity(id) {
  try {
    const output = npm(['view', id, 'dist.integrity', '--json', '--prefer-online'], 'pipe');
    return output.trim() === '' ? undefined : JSON.parse(output);
  } catch (error) {
    if (errorCode(error.stdout) === 'E404') return undefined;
    throw error;
  }
}

function errorCode(output) {
  try {
    return JSON.parse(output).error.code;
  } catch {
    return undefined;
  }
}

/** Runs npm. Its output is inherited, or returned, with its errors in the error that is thrown. */
function npm(args, output) {
  return execFileSync('npm', args, {
    encoding: 'utf8',
    stdio: ['ignore', output, output],
    shell: process.platform === 'win32',
  });
}
