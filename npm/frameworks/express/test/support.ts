import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import express from 'express';

/** Starts an application that `define` has given its routes. The test stops it. */
export async function served(test: TestContext, define: (app: express.Express) => void): Promise<string> {
  const app = express();
  define(app);
  const server: Server = app.listen(0, '127.0.0.1');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
