/** HTTP servers that do not keep the process alive. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Starts a server on 127.0.0.1; resolves with its address. */
export async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  server.unref();
  server.on('connection', (socket) => socket.unref());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
