/** Password of the operator, and a check of the dashboard in an Express app. */
import assert from 'node:assert/strict';
import type { Express } from 'express';
import type { BreakerRegistry } from 'fusewire';
import { listen } from '../service.ts';

process.env['OPS_PASSWORD'] = 'correct';

export async function finish({ app, breakers }: { app: Express; breakers: BreakerRegistry }): Promise<void> {
  const url = await listen(app);
  breakers.for('payments');
  const ask = (path: string, password: string) =>
    fetch(`${url}ops/${path}`, { headers: { authorization: `Basic ${btoa(`ops:${password}`)}` } });
  const refused = await ask('dashboard', 'wrong');
  assert.deepEqual([refused.status, refused.headers.get('www-authenticate')], [401, 'Basic realm="operations"']);
  const page = await (await ask('dashboard', 'correct')).text();
  const [, script] = /src="([^"]+)"/.exec(page) ?? [];
  assert.equal((await ask(script as string, 'correct')).status, 200);
  assert.match(await (await ask('breakers', 'correct')).text(), /"name":"payments"/);
}
