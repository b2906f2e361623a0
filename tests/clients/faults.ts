/** A server that answers in every bad way there is. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** When `/date` may be asked again. */
export const LATER = new Date(Date.UTC(2026, 0, 1, 0, 0, 9));
/** What the clock says meanwhile. */
export const now = () => LATER.getTime() - 9_000;

export interface Faults extends AsyncDisposable {
  readonly url: string;
  /** Where nobody listens. */
  readonly dead: string;
}

export async function startFaults(): Promise<Faults> {
  const server = createServer((request, response) => {
    const path = request.url?.slice(1) ?? '';
    switch (path) {
      case 'reset':
        return request.socket.resetAndDestroy();
      case 'close':
        return request.socket.end();
      case 'hang':
        return;
      case 'short':
        response.writeHead(200, { 'content-length': 100 }).write('begun');
        return setImmediate(() => request.socket.resetAndDestroy());
      case 'garbage':
        return request.socket.end('this is no HTTP\r\n\r\n');
      case 'moved':
        return response.writeHead(307, { location: '/200' }).end();
      case 'large':
        return response.end(Buffer.alloc(1_000_000));
      case 'echo':
        response.write(`${request.method} `);
        return request.pipe(response);
      case 'round':
        return response.writeHead(302, { location: '/round' }).end();
      case 'seconds':
        return response.writeHead(503, { 'retry-after': '7' }).end();
      case 'date':
        return response.writeHead(429, { 'retry-after': LATER.toUTCString() }).end();
      default:
        return response.writeHead(Number(path)).end('it');
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    dead: `http://127.0.0.1:${await deadPort()}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
