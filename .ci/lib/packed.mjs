// Projects that use our packages as published: those that a manifest names as peers are unpacked from .tools/packages.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { at } from './paths.mjs';
import { StepFailure } from './processes.mjs';

const isOurs = (name) => name === 'fusewire' || name.startsWith('@fusewire/');

/** Returns the names of our packages that the project with `manifest` uses. */
export function packedPeers(manifest) {
  return Object.keys(manifest.peerDependencies ?? {}).filter(isOurs);
}

/** Returns the tarball of one of our packages, relative to the repository. */
export const tarballOf = (name) => `.tools/packages/${name.replace('@fusewire/', '')}.tgz`;

/** Unpacks our packages called `names`, and those of ours that they depend on, into the `node_modules` of `folder`. */
export function unpackInto(folder, names) {
  const done = new Set();
  const unpack = (name) => {
    if (done.has(name)) return;
    done.add(name);
    const manifest = unpackOne(folder, name);
    const { dependencies = {}, optionalDependencies = {} } = manifest;
    for (const other of Object.keys({ ...dependencies, ...optionalDependencies })) {
      // Only the addon of this platform is packed here.
      if (isOurs(other) && (other in dependencies || existsSync(at(tarballOf(other))))) unpack(other);
      else if (!isOurs(other)) requireInstalled(folder, name, other);
    }
  };
  names.forEach(unpack);
}

function unpackOne(folder, name) {
  const target = at(folder, 'node_modules', name);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-xzf', at(tarballOf(name)), '-C', target, '--strip-components=1']);
  return JSON.parse(readFileSync(path.join(target, 'package.json'), 'utf8'));
}

/** Throws unless the project has a package that one of ours depends on, which npm would have installed with it. */
function requireInstalled(folder, name, dependency) {
  if (existsSync(at(folder, 'node_modules', dependency, 'package.json'))) return;
  throw new StepFailure(`${folder}/package.json: ${name} depends on ${dependency}; add it to the dependencies.`);
}
