/** Servers of this process that do not keep it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves on 127.0.0.1; resolves with the address. */
export async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  server.unref();
  server.on('connection', (socket) => socket.unref());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
