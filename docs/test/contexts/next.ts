/** Failing service of rates, and a check of the route handler that calls it. */
import assert from 'node:assert/strict';
import { listen } from '../service.ts';

export const upstream: string = await listen((_request, response) => {
  response.writeHead(500).end();
});

export async function finish({ GET }: { GET: (request: Request) => Promise<Response> }): Promise<void> {
  const statuses: number[] = [];
  for (let count = 0; count < 3; count += 1) {
    statuses.push((await GET(new Request('http://127.0.0.1/api/rates'))).status);
  }
  assert.deepEqual(statuses, [502, 502, 503]);
}
