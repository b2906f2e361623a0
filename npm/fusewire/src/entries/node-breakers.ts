import type { Binding } from '../engine/backend.ts';
import { readOr } from '../engine/compressed.ts';
import { startBreakers } from '../engine/wasm-breakers.ts';
/* eslint-disable @typescript-eslint/no-require-imports */

/** Loads the engine of the breakers from the file beside this one. A bundle contains its text instead. */
export const load = (): Binding =>
  startBreakers(
    readOr(
      () => require('node:fs').readFileSync(`${__dirname}/fusewire.wasm`),
      () => require('./breakers-bytes.js').default,
    ),
  );
