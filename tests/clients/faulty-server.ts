/** HTTP server that fails in a different way on each path. */
import { createServer } from 'node:http';
import { close, deadUrl, listen } from './support.ts';

/** Date in the `Retry-After` of `/date`. */
export const RETRY_DATE = new Date(Date.UTC(2026, 0, 1, 0, 0, 9));
/** Returns a time nine seconds before {@link RETRY_DATE}. */
export const now = () => RETRY_DATE.getTime() - 9_000;

export interface FaultyServer extends AsyncDisposable {
  readonly url: string;
  /** URL at which no server listens. */
  readonly deadUrl: string;
}

export async function startFaultyServer(): Promise<FaultyServer> {
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
        return response.writeHead(429, { 'retry-after': RETRY_DATE.toUTCString() }).end();
      default:
        return response.writeHead(Number(path)).end('it');
    }
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    deadUrl: await deadUrl(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await close(server);
    },
  };
}
