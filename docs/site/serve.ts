/** File server on 127.0.0.1. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** A running server. Disposing closes it. */
export interface Served extends Disposable {
  readonly url: string;
}

/** Serves `folder` under the path `base`, on `port`, or on a free port for 0. */
export async function serve(folder: string, port = 0, base = '/'): Promise<Served> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const wanted = decodeURIComponent(pathname.startsWith(base) ? pathname.slice(base.length) : '../');
    const file = path.join(folder, wanted.endsWith('/') || wanted === '' ? `${wanted}index.html` : wanted);
    try {
      if (!file.startsWith(path.join(folder, '/'))) throw new Error('outside');
      const content = await readFile(file);
      response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream' });
      response.end(content);
    } catch {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('404: no such page.\n');
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${actual}${base}`,
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
