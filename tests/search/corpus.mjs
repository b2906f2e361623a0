// The batches that failed once: `npm test` runs each of them again.

import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('corpus.json', import.meta.url);

/** Returns the batches that are kept, each with `target` and `seed`. */
export function readCorpus() {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Adds a batch, unless it is there already. */
export function keep(target, seed) {
  const corpus = readCorpus();
  if (corpus.some((batch) => batch.target === target && batch.seed === seed)) return;
  corpus.push({ target, seed });
  writeFileSync(file, `${JSON.stringify(corpus, null, 2)}\n`);
}
