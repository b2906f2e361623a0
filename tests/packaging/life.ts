/** Expected reports of the fixtures in `fixtures/shared`. */
import assert from 'node:assert/strict';

const life = { backend: 'wasm', seen: ['down CLOSED', 'down OPEN', 'ERR_CIRCUIT_OPEN OPEN', 'up CLOSED'] };

/** Checks the report of `life.mjs`. Returns the backend that ran. */
export function checkLife(report: string): string {
  assert.deepEqual(JSON.parse(report), life);
  return life.backend;
}

/** Checks the report of `report.mjs`: the same, from one instance of the package. Returns the backend that ran. */
export function checkOneInstance(report: string): string {
  assert.deepEqual(JSON.parse(report), { ...life, oneInstance: true });
  return life.backend;
}
