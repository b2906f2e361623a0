/** Failing payments service, and a check of the Fastify app that calls it. */
import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';

export { upstream } from './express.ts';

export async function finish({ app }: { app: FastifyInstance }): Promise<void> {
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) {
    const { statusCode, headers } = await app.inject('/payments/1');
    statuses.push(statusCode);
    if (count === 3) assert.equal(headers['retry-after'], '30');
  }
  assert.deepEqual(statuses, [500, 500, 500, 503]);
}
