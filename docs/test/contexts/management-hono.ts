/** Handler of the management API, and a check of the Hono app that serves it. */
import assert from 'node:assert/strict';
import { BreakerRegistry } from 'fusewire';
import { management } from '@fusewire/operations/management';
import type { Hono } from 'hono';

export const handler = management({
  registry: new BreakerRegistry(),
  basePath: '/ops',
  authorize: () => ({ who: 'jane' }),
});

export async function finish({ app }: { app: Hono }): Promise<void> {
  assert.equal((await app.request('/ops/breakers')).status, 200);
  const headers = { 'content-type': 'application/json' };
  assert.equal((await app.request('/ops/reset-all', { method: 'POST', headers, body: '{}' })).status, 200);
}
