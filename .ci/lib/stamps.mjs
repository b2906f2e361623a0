// Stamps of steps: a stamp records the contents of a step's inputs and outputs, so that a step runs only if one has changed.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { at, root } from './paths.mjs';

const stampFile = (step) => at('.tools/stamps', `${step.name}.json`);

/** Returns whether `step` has to run. */
export function isStale(step) {
  const stamp = readStamp(step);
  return (
    stamp === undefined ||
    stamp.inputs !== fingerprint(step) ||
    !(step.creates ?? []).every((file) => existsSync(at(file))) ||
    stamp.outputs !== hashOf(step.outputs ?? [])
  );
}

/** Writes the stamp of `step`. `inputs` is the fingerprint from before it ran: a file may have changed meanwhile. */
export function remember(step, inputs) {
  const file = stampFile(step);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ inputs, outputs: hashOf(step.outputs ?? []) }));
}

/** Deletes the stamp of `step`, which is about to change its outputs. */
export function forget(step) {
  rmSync(stampFile(step), { force: true });
}

/** Returns one hash over the inputs of `step`. */
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

/** Folders that no build reads, at any depth: tests, results and tools. */
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
