/** Degraded health, which Terminus knows since version 12. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakerRegistry } from 'fusewire';
import { healthAt, healthModule } from './health-module.ts';
import { create, listening } from './platforms.ts';

describe('BreakersHealthIndicator', () => {
  it('is degraded with an open circuit if it may, and the response of Terminus is still 200', async () => {
    const app = await create('Express', healthModule({ degraded: true }));
    const origin = await listening(app);
    app.get(BreakerRegistry).create('mail').forceOpen();
    const health = await healthAt(origin);
    await app.close();
    assert.deepEqual(health, [200, 'degraded', { status: 'degraded', open: ['mail'], breakers: 1 }]);
  });
});
