import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakerRegistry } from 'fusewire';
import { manualClock } from '@fusewire/testing';
import {
  campaignHealthView,
  campaignWeights,
  conexxusHealthView,
  havenHealthView,
  health,
} from '@fusewire/operations/health';

const EXTERNAL = ['unipile', 'apollo'];
const NAMES = { database: 'database', n8n: 'n8n', external: EXTERNAL, rateLimiting: 'limits' };

function campaign(): BreakerRegistry {
  const registry = new BreakerRegistry({ defaults: { resetTimeout: 30_000, clock: manualClock() } });
  for (const name of ['database', 'n8n', ...EXTERNAL]) registry.create(name);
  return registry;
}

describe('campaignHealthView()', () => {
  it('has the shape, the weights and the score of the document', async () => {
    const registry = campaign();
    const state = health({ registry, checks: { limits: () => true }, weights: campaignWeights(NAMES) });
    registry.get('n8n')?.open();
    const report = await state.read();
    assert.deepEqual(campaignHealthView(report, NAMES), {
      status: 'degraded',
      resilienceScore: 65,
      database: 'CLOSED',
      n8n: 'OPEN',
      external: { unipile: 'CLOSED', apollo: 'CLOSED' },
      rateLimiting: true,
      timestamp: report.timestamp,
    });
    registry.get('database')?.open();
    assert.equal(campaignHealthView(await state.read(), NAMES).status, 'unhealthy');
    registry.resetAll();
    registry.get('apollo')?.open();
    assert.equal(campaignHealthView(await state.read(), NAMES).resilienceScore, 93);
  });

  it('has the weights of the document, whatever those of the report are', async () => {
    const registry = campaign();
    registry.get('database')?.open();
    const [plain, weighted] = [health({ registry }), health({ registry, weights: { database: 1 }, defaultWeight: 50 })];
    for (const state of [plain, weighted]) {
      const { status, resilienceScore } = campaignHealthView(await state.read(), NAMES);
      assert.deepEqual([status, resilienceScore], ['degraded', 53]);
    }
    const checks = { database: () => false, limits: () => false };
    const checked = await health({ registry, checks, critical: ['apollo'] }).read();
    assert.equal(campaignHealthView(checked, NAMES).resilienceScore, 50);
    registry.get('apollo')?.open();
    const critical = await health({ registry, critical: ['apollo'] }).read();
    assert.deepEqual(campaignHealthView(critical, NAMES).status, 'unhealthy');
  });

  it('takes every other breaker for an external service, and shows a missing one as null', async () => {
    const view = campaignHealthView(await health({ registry: campaign() }).read(), { database: 'db', n8n: 'n8n' });
    assert.deepEqual(Object.keys(view.external), ['database', 'unipile', 'apollo']);
    assert.equal(view.database, null);
    assert.equal(view.rateLimiting, true);
  });
});

describe('havenHealthView()', () => {
  it('counts the states, and is unhealthy only if every circuit is open', async () => {
    const registry = campaign();
    registry.get('n8n')?.open();
    const report = await health({ registry }).read();
    const view = havenHealthView(report);
    assert.deepEqual([view.status, view.total, view.closed, view.open, view.halfOpen], ['degraded', 4, 3, 1, 0]);
    const nextAttempt = new Date(Date.parse(report.timestamp) + 30_000).toISOString();
    assert.deepEqual(view.services['n8n'], { state: 'OPEN', healthy: false, nextAttempt });
    assert.deepEqual(view.services['apollo'], { state: 'CLOSED', healthy: true });
    for (const [, breaker] of registry) breaker.forceOpen();
    assert.equal(havenHealthView(await health({ registry }).read()).status, 'unhealthy');
  });

  it('keeps a breaker of any name', async () => {
    const registry = new BreakerRegistry();
    registry.create('__proto__');
    const view = havenHealthView(await health({ registry }).read());
    assert.deepEqual(Object.entries(view.services), [['__proto__', { state: 'CLOSED', healthy: true }]]);
  });
});

describe('conexxusHealthView()', () => {
  it('names an open circuit in lastError, before the error of the last synchronisation', async () => {
    const registry = campaign();
    const state = health({ registry });
    const sync = { apiConnection: true, lastSyncStatus: 'success' } as const;
    assert.deepEqual(conexxusHealthView(await state.read(), 'n8n', sync), {
      isHealthy: true,
      state: 'CLOSED',
      ...sync,
    });
    registry.get('n8n')?.open();
    const report = await state.read();
    const next = new Date(Date.parse(report.timestamp) + 30_000).toISOString();
    const view = conexxusHealthView(report, 'n8n', { ...sync, lastError: 'ECONNREFUSED' });
    assert.equal(view.isHealthy, false);
    assert.equal(view.lastError, `Circuit breaker is OPEN, next attempt at ${next}: ECONNREFUSED`);
    const again = conexxusHealthView(report, 'n8n', { ...sync, lastError: 'Circuit breaker is OPEN' });
    assert.deepEqual([again.state, again.lastError], ['OPEN', `Circuit breaker is OPEN, next attempt at ${next}`]);
    registry.get('n8n')?.forceOpen();
    assert.equal(conexxusHealthView(await state.read(), 'n8n', sync).lastError, 'Circuit breaker is OPEN');
  });
});
