/** Secret of the operators, and a check of the Express app with the management API. */
import assert from 'node:assert/strict';
import type { Express } from 'express';
import { listen } from '../service.ts';

export const operators: ReadonlyMap<string, string> = new Map([['Bearer s3cret', 'jane']]);

export async function finish({ app }: { app: Express }): Promise<void> {
  const url = await listen(app);
  const stranger = await fetch(`${url}ops/breakers`);
  assert.equal(stranger.status, 403);
  const headers = { authorization: 'Bearer s3cret', 'content-type': 'application/json' };
  const list = (await (await fetch(`${url}ops/breakers`, { headers })).json()) as { summary: { total: number } };
  assert.equal(list.summary.total, 1);
  const body = JSON.stringify({ reason: 'provider outage', ttl: 600_000 });
  const forced = await fetch(`${url}ops/breakers/mpesa/force-open`, { method: 'POST', headers, body });
  assert.equal(((await forced.json()) as { override: string }).override, 'FORCED_OPEN');
  const live = await fetch(`${url}ops/health/live`);
  assert.equal(live.status, 200);
}
