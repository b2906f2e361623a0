// Generates the client of Prisma and compiles src, scenario and the specs into dist, if anything has changed.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

const folder = import.meta.dirname;
const { resolve } = createRequire(import.meta.url);
const SOURCES = [
  '{src,scenario,test}/**/*.ts',
  '{prisma,test}/*.prisma',
  '*.json',
  'node_modules/{fusewire,@fusewire/*}/package.json',
];

/** Builds the example. Throws if the types are wrong. */
export function build() {
  const stamp = path.join(folder, 'dist/stamp');
  const sources = hashOf(globSync(SOURCES, { cwd: folder }).sort());
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;
  for (const output of ['dist', 'generated']) rmSync(path.join(folder, output), { recursive: true, force: true });
  for (const schema of ['prisma/schema.prisma', 'test/contract.prisma']) {
    run([resolve('prisma/build/index.js'), 'generate', '--schema', schema], {
      // The command looks for its engine of migrations, a download that it does not need here, unless a program stands for it.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      CHECKPOINT_DISABLE: '1',
    });
  }
  run([resolve('typescript/bin/tsc'), '--project', 'tsconfig.build.json']);
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, sources);
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(path.join(folder, file)));
  return hash.digest('hex');
}

function run(command, variables = {}) {
  try {
    execFileSync(process.execPath, command, { cwd: folder, env: { ...process.env, ...variables }, stdio: 'pipe' });
  } catch (error) {
    throw new Error(`${path.basename(command[0])} failed:\n${error.stdout}${error.stderr}`);
  }
}

if (process.argv[1] === import.meta.filename) build();
