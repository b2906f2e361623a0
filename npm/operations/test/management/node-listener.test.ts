import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { nodeListener } from '@fusewire/operations/management';
import type { ManagementOptions, ProblemDocument } from '@fusewire/operations/management';
import { fixture } from './support.ts';

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close().closeAllConnections();
});

/** Serves a management API on loopback, and returns its fixture and its port. */
async function serve(options: Partial<ManagementOptions> = {}, before?: RequestListener) {
  const its = fixture(options);
  const listener = nodeListener(its.handler);
  const server = createServer((request, response) => {
    before?.(request, response);
    listener(request, response);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { ...its, server, port, origin: `http://127.0.0.1:${port}` };
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Sends bytes, and resolves with everything that comes back until the server closes the connection. */
async function raw(port: number, ...chunks: string[]): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
  for (const chunk of chunks) socket.write(chunk, 'latin1');
  await closed(socket);
  return answer;
}

/** Resolves once a socket is closed, with an error or without. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.on('error', () => undefined).once('close', () => resolve()));
}

function problemIn(answer: string): ProblemDocument {
  assert.match(answer, /^HTTP\/1\.1 4\d\d /);
  assert.match(answer, /content-type: application\/problem\+json/i);
  const [, body = ''] = answer.split('\r\n\r\n');
  return JSON.parse(/\{.*\}/s.exec(body)?.[0] ?? '') as ProblemDocument;
}

describe('nodeListener()', () => {
  it('serves requests, and hands the request of Node to authorize', async () => {
    const contexts: unknown[] = [];
    const { origin, registry } = await serve({
      authorize: ({ context }) => {
        contexts.push((context as IncomingMessage).socket.remoteAddress);
        return { who: 'jane' };
      },
    });
    registry.get('sms')?.open();
    const list = (await (await fetch(`${origin}/breakers`)).json()) as { summary: { open: number } };
    assert.equal(list.summary.open, 1);
    const reset = await fetch(`${origin}/breakers/sms/reset`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: '{"reason":"x"}',
    });
    assert.deepEqual(await reset.json(), { reset: ['sms'] });
    assert.equal((await fetch(`${origin}/breakers`, { method: 'HEAD' })).status, 200);
    assert.deepEqual(contexts, ['127.0.0.1', '127.0.0.1', '127.0.0.1']);
  });

  it('takes the body that a parser has read, and the address before a router has cut it', async () => {
    const { origin } = await serve({ basePath: '/ops' }, (request) => {
      request.resume();
      Object.assign(request, { originalUrl: request.url, url: '/cut', body: { reason: 'parsed' }, complete: true });
    });
    const response = await fetch(`${origin}/ops/reset-all`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: '{"reasn":1}',
    });
    assert.equal(response.status, 200);
  });

  it('answers an endless body, and closes the connection', async () => {
    const { port, registry } = await serve({ bodyBytes: 1_000 });
    registry.get('sms')?.open();
    const socket = connect(port, '127.0.0.1');
    const end = closed(socket);
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
    socket.write(
      'POST /breakers/sms/reset HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    const chunk = `400\r\n${' '.repeat(1_024)}\r\n`;
    const pump = setInterval(() => socket.writable && socket.write(chunk), 1);
    await end;
    clearInterval(pump);
    assert.equal(problemIn(answer).status, 413);
    assert.match(answer, /connection: close/i);
    assert.equal(registry.get('sms')?.state, 'OPEN');
  });

  it('answers a body that does not arrive in time', async () => {
    const { port, clock } = await serve({ bodyTimeout: 1_000 });
    const answer = raw(
      port,
      'POST /reset-all HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"rea',
    );
    while (clock.timers === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advanceAsync(1_000);
    assert.equal(problemIn(await answer).status, 408);
  });

  it('reads no body of a request that nobody has allowed', async () => {
    const { port } = await serve({ authorize: undefined });
    const head =
      'POST /reset-all HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n';
    assert.equal(problemIn(await raw(port, head)).status, 403);
  });

  it('answers strange requests with problems', async () => {
    const { port } = await serve();
    const close = 'host: x\r\nconnection: close\r\n\r\n';
    for (const [start, status] of [
      ['GET /../../etc/passwd HTTP/1.1\r\n', 404],
      ['GET //evil.test/breakers HTTP/1.1\r\n', 404],
      ['GET http://evil.test/breakers HTTP/1.1\r\n', 400],
      ['OPTIONS * HTTP/1.1\r\n', 400],
      ['TRACE /breakers HTTP/1.1\r\n', 400],
      ['PURGE /breakers HTTP/1.1\r\n', 405],
      ['GET /breakers/a%0d%0ax-injected:%201 HTTP/1.1\r\n', 422],
      ['GET /breakers?limit=%0d%0ax-injected:1 HTTP/1.1\r\n', 422],
      ['GET /breakers/%ff HTTP/1.1\r\n', 400],
    ] as const) {
      const answer = await raw(port, start + close);
      assert.equal(problemIn(answer).status, status, start);
      assert.doesNotMatch(answer, /^x-injected/im);
    }
    const odd = await raw(
      port,
      `GET /breakers HTTP/1.1\r\nx-odd: \xff\xfe\r\nhost: a b"><script>\r\nconnection: close\r\n\r\n`,
    );
    assert.match(odd, /^HTTP\/1\.1 200 /);
    assert.doesNotMatch(odd, /<script>/);
  });

  it('streams until the client goes, and leaves nothing behind', async () => {
    const { port, clock, registry } = await serve();
    const request = httpRequest({ port, host: '127.0.0.1', path: '/stream' }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    assert.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8');
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const seen = async (pattern: RegExp) => {
      while (!pattern.test(text)) await once(response, 'data');
    };
    await seen(/"all":true/);
    registry.get('sms')?.open();
    await clock.advanceAsync(1_000);
    await seen(/"name":"sms","state":"OPEN"/);
    assert.equal(clock.timers, 1);
    request.destroy();
    while (clock.timers > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('destroys the connection if the handler fails', async () => {
    const handler = Object.assign(() => Promise.reject(new Error('never')), {
      openapi: () => ({}),
      close: () => undefined,
    });
    const server = createServer(nodeListener(handler));
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const answer = await raw((server.address() as AddressInfo).port, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    assert.equal(answer, '');
  });
});
