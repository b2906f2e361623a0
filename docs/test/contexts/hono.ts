/** Failing payments service, and a check of the Hono app that calls it. */
import assert from 'node:assert/strict';
import type { Hono } from 'hono';

export { upstream } from './express.ts';

export async function finish({ app }: { app: Hono }): Promise<void> {
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) {
    const response = await app.request('/payments/1');
    statuses.push(response.status);
    if (count === 3) assert.equal(response.headers.get('retry-after'), '30');
  }
  assert.deepEqual(statuses, [500, 500, 500, 503]);
}
