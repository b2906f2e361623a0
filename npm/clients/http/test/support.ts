import assert from 'node:assert/strict';
import { once as onceEmitted } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A request that a server has seen. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server on the loopback interface, which keeps what it has seen. */
export interface TestServer {
  readonly server: Server;
  readonly url: string;
  readonly seen: Seen[];
  /** Connections that were ever opened to it. */
  readonly sockets: number;
}

export type Answer = (request: Seen, response: ServerResponse) => unknown;

/** Starts a server that ends with the test, and answers each request once its body is there. */
export async function serve(test: TestContext, answer: Answer): Promise<TestServer> {
  const seen: Seen[] = [];
  return listen(test, seen, async (request, response) => {
    const chunks: Buffer[] = [];
    // A client may break off its request.
    request.on('error', () => {});
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const { method = '', url: path = '', headers } = request;
    const read = { method, path, headers, body: Buffer.concat(chunks).toString() };
    seen.push(read);
    await answer(read, response);
  });
}

async function listen(test: TestContext, seen: Seen[], listener: RequestListener): Promise<TestServer> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  let sockets = 0;
  server.on('connection', () => sockets++);
  await onceEmitted(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    server,
    url: `http://127.0.0.1:${port}`,
    seen,
    get sockets() {
      return sockets;
    },
  };
}

/** A port of the loopback interface on which nobody listens. */
export async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await onceEmitted(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await onceEmitted(server, 'close');
  return `http://127.0.0.1:${port}`;
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new assert.AssertionError({ message: 'the promise was to reject' });
}

/** Resolves once something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Lets everything happen that is due. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Options of a client that repeats nothing. */
export const once = { retry: false } as const;

/** Options of a client that repeats without waiting. */
export const soon = { retry: { attempts: 4, delay: 0 } } as const;
