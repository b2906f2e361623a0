/** What `fixtures/shared/life.mjs` tells where all is well. */
import assert from 'node:assert/strict';

interface Report {
  readonly backend: string;
  readonly seen: readonly string[];
  readonly oneInstance: boolean;
}

/** Checks a report, as JSON or as it is; returns the backend that ran. */
export function livedThrough(told: string | Report): string {
  const report = typeof told === 'string' ? (JSON.parse(told) as Report) : told;
  assert.deepEqual(report, {
    backend: 'wasm',
    seen: ['down CLOSED', 'down OPEN', 'ECIRCUITOPEN OPEN', 'up CLOSED'],
    oneInstance: true,
  });
  return report.backend;
}
