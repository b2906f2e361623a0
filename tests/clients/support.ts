/** Helpers of the tests of HTTP clients. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import type { TestContext } from 'node:test';

/** Request that a test server has received. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** HTTP server on the loopback interface, which records its requests. */
export interface TestServer {
  readonly server: Server;
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Number of connections that have been opened to the server. */
  readonly sockets: number;
}

/** Answers one request of a test server. */
export type Responder = (request: SeenRequest, response: ServerResponse) => unknown;

/** Starts a server for the length of a test. It answers each request after the whole body has arrived. */
export async function serve(test: TestContext, respond: Responder): Promise<TestServer> {
  const seen: SeenRequest[] = [];
  let sockets = 0;
  const server = createServer(async (request, response) => {
    // The client may abort its request.
    request.on('error', () => {});
    const body = await readBody(request);
    if (body === undefined) return;
    const { method = '', url: path = '', headers } = request;
    const seenRequest = { method, path, headers, body };
    seen.push(seenRequest);
    await respond(seenRequest, response);
  });
  server.on('connection', () => sockets++);
  const port = await listen(server);
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    server,
    url: `http://127.0.0.1:${port}`,
    seen,
    get sockets() {
      return sockets;
    },
  };
}

/** Returns the body of a request, or undefined if the client has aborted the request. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString();
}

/** Makes a server listen on a free port of the loopback interface. Returns the port. */
export async function listen(server: TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Closes a server and waits until it is closed. */
export async function close(server: TcpServer): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** Returns a port of the loopback interface on which no server listens. */
export async function deadPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await close(server);
  return port;
}

/** Returns a URL at which no server listens. */
export async function deadUrl(): Promise<string> {
  return `http://127.0.0.1:${await deadPort()}`;
}

/** Returns the error that a promise rejects with. Fails if the promise resolves. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new assert.AssertionError({ message: 'the promise has resolved, but should have rejected' });
}

/** Longest time in milliseconds that {@link until} waits: far more than a busy machine needs. */
const MAX_WAIT = 60_000;

/** Polls until a condition holds. Fails after a minute. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + MAX_WAIT;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `the condition does not hold after ${MAX_WAIT} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Resolves in the next turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Options of a client without a retry. */
export const noRetry = { retry: false } as const;

/** Options of a client that makes up to four attempts without a delay. */
export const instantRetry = { retry: { attempts: 4, delay: 0 } } as const;
