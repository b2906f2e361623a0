/** Tests the interceptor with every undici and the fetch of every Node. */
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

const program = fileURLToPath(new URL('undici-versions-program.mjs', import.meta.url));
const server = createServer((request, response) => response.writeHead(Number(request.url?.slice(1))).end('it'));

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => void server.close());

/** Returns the results of three calls: one that succeeds, one that fails, and one while the circuit is open. */
async function results(node: number, undici: string, usage: string): Promise<string[]> {
  const { port } = server.address() as AddressInfo;
  return JSON.parse(await run([nodeProgram(node), program, undici, usage, `http://127.0.0.1:${port}`]));
}

const protectedResults = ['200 it', '500 it', 'ERR_CIRCUIT_OPEN'];
const unsupported =
  '@fusewire/undici: the dispatcher is one of undici 7 or 8, but this fetch is of another version; use the fetch of the same undici';
const nodes = [20, 22, 24, 26] as const;

/** Ways to use the protected dispatcher. */
const USAGES = {
  dispatcher: '{ dispatcher } of the global fetch',
  global: 'setGlobalDispatcher()',
  own: 'its own fetch',
} as const;

describe('undici 7', () => {
  for (const node of nodes) {
    for (const usage of ['dispatcher', 'global', 'own'] as const) {
      it(`works on Node ${node}, with ${USAGES[usage]}`, async () =>
        assert.deepEqual(await results(node, 'undici-7', usage), protectedResults));
    }
  }
});

describe('Client of undici 7', () => {
  it('rejects a request without an origin', async () => {
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
    for (const usage of ['global', 'own'] as const) {
      it(`works on Node ${node}, with ${USAGES[usage]}`, async () =>
        assert.deepEqual(await results(node, 'undici-8', usage), protectedResults));
    }
  }
  it('works on Node 26, with { dispatcher } of the global fetch', async () => {
    assert.deepEqual(await results(26, 'undici-8', 'dispatcher'), protectedResults);
  });
  for (const node of [22, 24]) {
    it(`is rejected as the dispatcher of the global fetch of Node ${node}, which would hang`, async () => {
      assert.deepEqual(await results(node, 'undici-8', 'dispatcher'), [unsupported, unsupported, unsupported]);
    });
  }
  it('does not run on Node 20', async () => {
    await assert.rejects(results(20, 'undici-8', 'own'), /TypeError/);
  });
});

describe('undici 6', () => {
  for (const node of nodes) {
    it(`is rejected on Node ${node}`, async () => {
      assert.deepEqual(await results(node, 'undici-6', 'own'), [unsupported, unsupported, unsupported]);
    });
  }
});
