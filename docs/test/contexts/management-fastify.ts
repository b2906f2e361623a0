/** Handler of the management API, and a check of the Fastify app that serves it. */
import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';

export { handler } from './management-hono.ts';

export async function finish({ app }: { app: FastifyInstance }): Promise<void> {
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  assert.equal((await fetch(`${url}/ops/breakers`)).status, 200);
  const headers = { 'content-type': 'application/json' };
  const body = '{"reason":"drill"}';
  assert.equal((await fetch(`${url}/ops/reset-all`, { method: 'POST', headers, body })).status, 200);
  const broken = await fetch(`${url}/ops/reset-all`, { method: 'POST', headers, body: '{' });
  assert.equal(broken.headers.get('content-type'), 'application/problem+json');
  await app.close();
}
