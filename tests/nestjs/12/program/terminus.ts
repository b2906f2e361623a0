/** Health of the breakers in a check of Terminus. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakersHealthIndicator } from '@fusewire/nestjs';
import { BreakerRegistry } from 'fusewire';
import { healthAt, healthModule } from './health-module.ts';
import { create, listening } from './platforms.ts';

describe('BreakersHealthIndicator', () => {
  it('is up with open circuits, and down with a critical one, in a check of Terminus', async () => {
    const app = await create('Express', healthModule({ critical: ['ledger'] }));
    const origin = await listening(app);
    const registry = app.get(BreakerRegistry);
    const asked = () => healthAt(origin);
    for (const name of ['ledger', 'mail']) registry.create(name);
    assert.deepEqual(await asked(), [200, 'ok', { status: 'up', open: [], breakers: 2 }]);
    registry.for('mail').forceOpen();
    assert.deepEqual(await asked(), [200, 'ok', { status: 'up', open: ['mail'], breakers: 2 }]);
    registry.for('ledger').forceOpen();
    assert.deepEqual(await asked(), [503, 'error', { status: 'down', open: ['ledger', 'mail'], breakers: 2 }]);
    await app.close();
    const indicator = new BreakersHealthIndicator(new BreakerRegistry());
    assert.deepEqual(indicator.check('x', { degraded: true }), { x: { status: 'up', open: [], breakers: 0 } });
  });
});
