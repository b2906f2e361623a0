// Whether a step is up to date: a stamp remembers what went in and what came out, by content and not by time.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { at, root } from './paths.mjs';

const stampFile = (step) => at('.tools/stamps', `${step.name}.json`);

/** True when `step` has to run. */
export function isStale(step) {
  const stamp = readStamp(step);
  return (
    stamp === undefined ||
    stamp.inputs !== fingerprint(step) ||
    !(step.creates ?? []).every((file) => existsSync(at(file))) ||
    stamp.outputs !== hashOf(step.outputs ?? [])
  );
}

/** Remembers that `step` is done. `inputs` is its fingerprint from before it ran: a file may have changed meanwhile. */
export function remember(step, inputs) {
  const file = stampFile(step);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ inputs, outputs: hashOf(step.outputs ?? []) }));
}

/** Forgets `step`: it is about to change what it made. */
export function forget(step) {
  rmSync(stampFile(step), { force: true });
}

/** What goes into `step`, as one hash. */
export function fingerprint(step) {
  const machine = `${process.platform} ${process.arch}`;
  const recipe = typeof step.recipe === 'function' ? step.recipe() : (step.recipe ?? '');
  return `${hashOf(step.inputs ?? [])} ${sha256(`${machine}\n${recipe}`)}`;
}

function readStamp(step) {
  try {
    return JSON.parse(readFileSync(stampFile(step), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Folders that hold tests, results or tools, at any depth: no build reads them. */
const NOT_SOURCE = new Set([
  'node_modules',
  'target',
  'dist',
  'pkg',
  'generated',
  'coverage',
  'test',
  'tests',
  'benches',
]);

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const start of paths) {
    for (const file of filesUnder(at(start))) {
      hash.update(`${path.relative(root, file)}\0${sha256(readFileSync(file))}\n`);
    }
  }
  return hash.digest('hex');
}

function* filesUnder(start) {
  const found = statSync(start, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isDirectory()) {
    yield start;
    return;
  }
  for (const name of readdirSync(start).sort()) {
    if (!NOT_SOURCE.has(name)) yield* filesUnder(path.join(start, name));
  }
}

function sha256(data) {
  return createHash('sha256').update(data).digest('hex');
}
