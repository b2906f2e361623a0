/** Tests of the management API under a path of the framework. */
import assert from 'node:assert/strict';
import type { TestRunner } from '../queue/driver.ts';
import type { RunningServer, ServerAdapter } from './adapter.ts';
import { ask } from './asking.ts';
import { OPERATOR } from './program.ts';

const headers = { authorization: OPERATOR };
const change = { ...headers, 'content-type': 'application/json' };

/** Declares the tests of the management API. */
export function mountsManagement(adapter: ServerAdapter, { describe, it, before, after }: TestRunner): void {
  for (const basePath of ['', '/ops']) {
    describe(`the management API at ${basePath || 'the root'} in ${adapter.name}`, () => {
      let server: RunningServer;
      before(async () => (server = await adapter.start(basePath)));
      after(() => server.close());
      const asked = (path: string, init?: RequestInit) => ask(server.origin, `${basePath}${path}`, init);

      it('lists the breakers to an operator, as they are now', async () => {
        const states = async () => {
          const { status, text } = await asked('/breakers', { headers });
          assert.equal(status, 200);
          const { breakers } = JSON.parse(text) as { breakers: { name: string; state: string }[] };
          return new Map(breakers.map(({ name, state }) => [name, state]));
        };
        assert.equal((await states()).get('down'), 'CLOSED');
        await ask(server.origin, '/work/down');
        assert.equal((await states()).get('down'), 'OPEN');
      });

      it('refuses everybody else with a problem document', async () => {
        const refused = await asked('/breakers');
        assert.equal(refused.status, 403);
        assert.match(refused.headers.get('content-type') ?? '', /^application\/problem\+json\b/);
        assert.equal((await asked('/breakers/healthy/reset', { method: 'POST' })).status, 403);
      });

      it('carries out a change with the body of the request', async () => {
        const body = JSON.stringify({ reason: 'a test' });
        const opened = await asked('/breakers/healthy/force-open', { method: 'POST', headers: change, body });
        assert.equal(opened.status, 200, opened.text);
        assert.equal((await ask(server.origin, '/work/ok')).status, 503);
        const released = await asked('/breakers/healthy/release', { method: 'POST', headers: change, body });
        assert.equal(released.status, 200, released.text);
        assert.equal((await ask(server.origin, '/work/ok')).status, 200);
      });

      it('refuses a body that is no JSON, and an unknown path', async () => {
        const init = { method: 'POST', headers: change, body: '{"reason":' };
        assert.equal((await asked('/breakers/healthy/force-open', init)).status, 400);
        assert.equal((await asked('/no/such/path', { headers })).status, 404);
      });

      it('streams the changes of the breakers', async () => {
        const client = new AbortController();
        const response = await fetch(`${server.origin}${basePath}/stream`, { headers, signal: client.signal });
        assert.equal(response.status, 200);
        assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream\b/);
        const reader = (response.body as ReadableStream<Uint8Array>).getReader();
        const { value } = await reader.read();
        assert.match(new TextDecoder().decode(value), /^(event|data|id|retry|:)/);
        client.abort();
      });
    });
  }
}
