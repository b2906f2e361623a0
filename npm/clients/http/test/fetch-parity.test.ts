import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { protectedFetch } from '@fusewire/http';
import { close, listen, noRetry, rejection, serve } from '../../../../tests/clients/support.ts';

/** Starts a server that answers every request with the same bytes. */
async function serveRaw(test: TestContext, head: string, body: string): Promise<string> {
  const answer = `${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(answer));
  });
  const port = await listen(server);
  test.after(() => close(server));
  return `http://127.0.0.1:${port}/`;
}

describe('protectedFetch, as fetch', () => {
  it('has the length of fetch', () => assert.equal(protectedFetch().length, fetch.length));

  for (const [title, head, status] of [
    ['a status above 599', 'HTTP/1.1 999 Request denied', 999],
    ['a reason phrase in Cyrillic', 'HTTP/1.1 404 не найдено', 404],
  ] as const) {
    it(`resolves with ${title}, and counts it as fetch's response`, async (test) => {
      const url = await serveRaw(test, head, 'ok');
      const get = protectedFetch({ ...noRetry, breaker: { failureThreshold: 1 } });
      const native = await fetch(url);
      const response = await get(url);
      assert.deepEqual(
        [response.status, response.statusText, response.ok, response.url, await response.clone().text()],
        [status, native.statusText, native.ok, native.url, await native.text()],
      );
      assert.equal(response.clone().status, status);
      assert.equal(await response.text(), 'ok');
      assert.equal(get.breakerFor(url).state, 'CLOSED');
    });
  }

  it('resolves with a body that a byte reader can read to its end', async (test) => {
    const { url } = await serve(test, (_, response) => response.end('hello'));
    const { body } = await protectedFetch()(url);
    const reader = body!.getReader({ mode: 'byob' });
    let text = '';
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(4));
      if (done) break;
      text += Buffer.from(value).toString();
    }
    assert.equal(text, 'hello');
  });

  it('takes a fetch whose bodies are no byte streams', async () => {
    const body = () =>
      new ReadableStream({ start: (controller) => (controller.enqueue(Buffer.from('it')), controller.close()) });
    const get = protectedFetch({ fetch: () => Promise.resolve(new Response(body())) });
    assert.equal(await (await get('http://127.0.0.1')).text(), 'it');
  });

  it('follows a location with non-ASCII characters', async (test) => {
    const { url } = await serve(test, ({ path }, response) => {
      if (path !== '/start') return void response.end(path);
      response.socket?.end(
        'HTTP/1.1 302 Found\r\nLocation: /été?ключ\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      );
    });
    const native = await (await fetch(`${url}/start`)).text();
    assert.equal(await (await protectedFetch()(`${url}/start`)).text(), native);
  });

  it("rejects a redirect with a TypeError for redirect: 'error'", async (test) => {
    const { url } = await serve(test, (_, response) => response.writeHead(302, { location: '/' }).end());
    for (const get of [fetch, protectedFetch()]) {
      const error = await rejection(get(url, { redirect: 'error' }));
      assert.ok(error instanceof TypeError, error.name);
    }
  });

  it('cancels a stream as the body if the signal has aborted before', async (test) => {
    const { url } = await serve(test, (_, response) => response.end());
    for (const get of [fetch, protectedFetch()]) {
      let reason: unknown;
      const body = new ReadableStream({ cancel: (given) => void (reason = given) });
      const signal = AbortSignal.abort(new Error('left'));
      const error = await rejection(get(url, { method: 'POST', body, duplex: 'half', signal } as RequestInit));
      assert.deepEqual([error.message, (reason as Error | undefined)?.message], ['left', 'left']);
    }
  });

  it('keeps the case of header names', async (test) => {
    const { server, url } = await serve(test, (_, response) => response.end());
    const names: string[][] = [];
    server.on('request', ({ rawHeaders }) => names.push(rawHeaders.filter((name) => /^x-it$/i.test(name))));
    for (const get of [fetch, protectedFetch()]) await get(url, { headers: { 'X-It': '1' } });
    assert.deepEqual(names[1], names[0]);
  });
});
