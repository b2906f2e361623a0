import { readOr } from '../engine/compressed.ts';
import type { PolicyEngine } from '../engine/policy-engine.ts';
import { startPolicies } from '../engine/wasm-policies.ts';
/* eslint-disable @typescript-eslint/no-require-imports */

/** Loads the engine of the policies, as `node-breakers.ts` does that of the breakers. */
export const load = (): PolicyEngine =>
  startPolicies(
    readOr(
      () => require('node:fs').readFileSync(`${__dirname}/policies.wasm`),
      () => require('./policies-bytes.js').default,
    ),
  );
