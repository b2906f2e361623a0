/** What the fixtures in `fixtures/shared` tell where all is well. */
import assert from 'node:assert/strict';

const life = { backend: 'wasm', seen: ['down CLOSED', 'down OPEN', 'ECIRCUITOPEN OPEN', 'up CLOSED'] };

/** Checks what `life.mjs` tells; returns the backend that ran. */
export function lived(told: string): string {
  assert.deepEqual(JSON.parse(told), life);
  return life.backend;
}

/** Checks what `report.mjs` tells; returns the backend that ran. */
export function livedAsOne(told: string): string {
  assert.deepEqual(JSON.parse(told), { ...life, oneInstance: true });
  return life.backend;
}
