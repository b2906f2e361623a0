import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import type { EngineOptions } from 'fusewire';
import { environments, presets } from '@fusewire/dialects/presets';

/** Numbers of the documents, one row for each preset and environment. */
const DOCUMENTED = `
  DATABASE       failureThreshold 5  successThreshold 3  timeout 10000  resetTimeout 30000   maxConcurrentRequests 3
  N8N_API        failureThreshold 5  successThreshold 3  timeout 15000  resetTimeout 30000   maxConcurrentRequests 2
  EXTERNAL_API   failureThreshold 3  successThreshold 2  timeout 10000  resetTimeout 30000   maxConcurrentRequests 2
  UNIPILE        failureThreshold 3                      timeout 15000  resetTimeout 30000
  REACHINBOX     failureThreshold 3                      timeout 10000  resetTimeout 30000
  LINKEDIN       failureThreshold 3                      timeout 12000  resetTimeout 45000
  APOLLO         failureThreshold 4                      timeout 8000   resetTimeout 30000
  MPESA          failureThreshold 3                      timeout 30000  resetTimeout 120000
  PESAPAL        failureThreshold 3                      timeout 30000  resetTimeout 120000
  KCB            failureThreshold 3                      timeout 30000  resetTimeout 120000
  EMAIL          failureThreshold 5                      timeout 15000  resetTimeout 60000
  SMS            failureThreshold 5                      timeout 10000  resetTimeout 60000
  WHATSAPP       failureThreshold 5                      timeout 15000  resetTimeout 60000
  NERDGRAPH_API  failureThreshold 5  successThreshold 2  timeout 30000  resetTimeout 5000    monitoringWindow 60000
  EVENT_API      failureThreshold 3  successThreshold 2  timeout 20000  resetTimeout 10000   monitoringWindow 60000
  CONEXXUS       failureThreshold 5  successThreshold 2                 resetTimeout 60000   monitoringWindow 60000
  development    failureThreshold 3                      timeout 5000   resetTimeout 15000
  staging        failureThreshold 4                      timeout 8000   resetTimeout 20000
  production     failureThreshold 5                      timeout 10000  resetTimeout 30000`;

it('presets and environments have the numbers of the documents, and no others', () => {
  assert.deepEqual({ ...presets, ...environments }, Object.fromEntries(DOCUMENTED.trim().split('\n').map(readRow)));
});

for (const [name, options] of Object.entries<EngineOptions>({ ...presets, ...environments })) {
  it(`${name} configures a breaker that opens at its threshold and probes after its open time`, async () => {
    let now = 0;
    const breaker = new CircuitBreaker({ ...options, name, clock: () => now });
    const failing = () => Promise.reject(new Error('down'));
    for (let failure = 1; failure <= (options.failureThreshold ?? 0); failure++) {
      assert.equal(breaker.state, 'CLOSED');
      await assert.rejects(breaker.execute(failing), { message: 'down' });
    }
    now += (options.resetTimeout as number) - 1;
    assert.equal(breaker.state, 'OPEN');
    now += 1;
    for (let success = 1; success <= (options.successThreshold ?? 2); success++) {
      assert.equal(breaker.state, 'HALF_OPEN');
      await breaker.execute(() => Promise.resolve());
    }
    assert.equal(breaker.state, 'CLOSED');
  });
}

function readRow(row: string): [string, Record<string, number>] {
  const [name = '', ...cells] = row.trim().split(/\s+/);
  const options: Record<string, number> = {};
  for (let index = 0; index < cells.length; index += 2) options[cells[index] as string] = Number(cells[index + 1]);
  return [name, options];
}
