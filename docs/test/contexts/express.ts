/** Failing payments service, and a check of the Express app that calls it. */
import assert from 'node:assert/strict';
import type { Express } from 'express';
import { listen } from '../service.ts';

export const upstream: string = await listen((_request, response) => {
  response.writeHead(500).end();
});

export async function finish({ app }: { app: Express }): Promise<void> {
  // Outside of tests, Express logs the errors of failed handlers.
  app.set('env', 'test');
  const url = await listen(app);
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) {
    const response = await fetch(`${url}payments/1`);
    statuses.push(response.status);
    if (count === 3) assert.equal(response.headers.get('retry-after'), '30');
    await response.text();
  }
  assert.deepEqual(statuses, [500, 500, 500, 503]);
  assert.deepEqual(await (await fetch(`${url}health`)).json(), { payments: 'OPEN' });
}
