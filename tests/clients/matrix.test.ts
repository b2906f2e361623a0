/** Which undici works with the fetch of which Node, behind the interceptor. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { circuitBreaker } from '@fusewire/undici';
import { Client } from 'undici-7';
import { run } from '../runtimes/processes.ts';
import { nodeProgram } from '../runtimes/programs.ts';

const program = fileURLToPath(new URL('matrix-program.mjs', import.meta.url));
const server = createServer((request, response) => response.writeHead(Number(request.url?.slice(1))).end('it'));

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => void server.close());

/** What becomes of a call that succeeds, one that fails, and one that finds the circuit open. */
async function outcomes(node: number, undici: string, way: string): Promise<string[]> {
  const { port } = server.address() as AddressInfo;
  return JSON.parse(await run([nodeProgram(node), program, undici, way, `http://127.0.0.1:${port}`]));
}

const works = ['200 it', '500 it', 'ECIRCUITOPEN'];
const told =
  '@fusewire/undici: this fetch is not of undici 7 or 8, whose dispatcher it was given; use the fetch of undici itself';
const nodes = [20, 22, 24, 26] as const;

describe('undici 7', () => {
  for (const node of nodes) {
    for (const way of ['dispatcher', 'global', 'own']) {
      it(`on Node ${node}, by ${way}`, async () => assert.deepEqual(await outcomes(node, 'undici-7', way), works));
    }
  }
});

describe('a client of undici 7', () => {
  it('has no origin for the interceptor, unless the request does', async () => {
    const { port } = server.address() as AddressInfo;
    const origin = `http://127.0.0.1:${port}`;
    const client = new Client(origin);
    const dispatcher = client.compose(circuitBreaker() as never);
    await assert.rejects(dispatcher.request({ path: '/200', method: 'GET' }), /the request has no origin/);
    const { statusCode, body } = await dispatcher.request({ origin, path: '/200', method: 'GET' });
    assert.deepEqual([statusCode, await body.text()], [200, 'it']);
    await client.close();
  });
});

describe('undici 8', () => {
  for (const node of [22, 24, 26]) {
    for (const way of ['global', 'own']) {
      it(`on Node ${node}, by ${way}`, async () => assert.deepEqual(await outcomes(node, 'undici-8', way), works));
    }
  }
  it('as a dispatcher for the fetch of Node 26', async () => {
    assert.deepEqual(await outcomes(26, 'undici-8', 'dispatcher'), works);
  });
  for (const node of [22, 24]) {
    it(`as a dispatcher for the fetch of Node ${node} is refused, where it would hang`, async () => {
      assert.deepEqual(await outcomes(node, 'undici-8', 'dispatcher'), [told, told, told]);
    });
  }
  it('does not run on Node 20', async () => {
    await assert.rejects(outcomes(20, 'undici-8', 'own'), /TypeError/);
  });
});

describe('undici 6', () => {
  for (const node of nodes) {
    it(`on Node ${node} is refused`, async () => {
      assert.deepEqual(await outcomes(node, 'undici-6', 'own'), [told, told, told]);
    });
  }
});
