// Compiles src, scenario and upstreams into dist, if anything has changed: Node does not know decorators.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

const folder = import.meta.dirname;
const { resolve } = createRequire(import.meta.url);
const SOURCES = ['{src,scenario,upstreams}/**/*.ts', '*.json', 'node_modules/{fusewire,@fusewire/*}/package.json'];

/** Builds the example. Throws if the types are wrong. */
export function build() {
  const dist = path.join(folder, 'dist');
  const stamp = path.join(dist, 'stamp');
  const sources = hashOf(globSync(SOURCES, { cwd: folder }).sort());
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;
  rmSync(dist, { recursive: true, force: true });
  try {
    execFileSync(process.execPath, [resolve('typescript/bin/tsc'), '--project', 'tsconfig.build.json'], {
      cwd: folder,
      stdio: 'pipe',
    });
  } catch (error) {
    throw new Error(`tsc failed:\n${error.stdout}${error.stderr}`);
  }
  mkdirSync(dist, { recursive: true });
  writeFileSync(stamp, sources);
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(path.join(folder, file)));
  return hash.digest('hex');
}

if (process.argv[1] === import.meta.filename) build();
