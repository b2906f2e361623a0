// The service: a real HTTP server in a process of its own. main.ts starts it and tells it how to fail.

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './script.ts';

export type Command = { enter: Fault } | { stop: true };
/** `seen`: requests that have arrived since the start. */
export type Report = { port: number; seen: number };

let fault: Fault = 'none';
let port = 0;
let seen = 0;

const server = createServer((_request, response) => {
  seen += 1;
  void answer(response);
});
// Longer than the demo, so that no connection is closed by the server just as the client uses it again.
server.keepAliveTimeout = 60_000;

async function answer(response: ServerResponse): Promise<void> {
  if (fault === 'hang') return;
  if (fault === 'error') return send(response, 500, { error: 'out of order' });
  await sleep(fault === 'slow' ? 400 : 20 + (seen % 5) * 5);
  send(response, 200, { answer: seen });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function enter(next: Fault): Promise<void> {
  if (next === 'refuse') await closePort();
  else if (!server.listening) await openPort();
  fault = next;
}

async function openPort(): Promise<void> {
  const lastTry = performance.now() + 2000;
  for (;;) {
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
      return;
    } catch (error) {
      // While the port was closed, somebody's outgoing connection may have borrowed its number.
      if (performance.now() > lastTry) throw error;
      await sleep(50);
    }
  }
}

async function closePort(): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

function report(): void {
  process.send?.({ port, seen } satisfies Report);
}

if (!process.send) {
  console.error('service.ts is started by main.ts: node main.ts');
  process.exit(2);
}
// Ctrl-C reaches the whole process group. The parent decides, and if it dies the channel closes and so do we.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
process.on('message', async (command: Command) => {
  if ('enter' in command) await enter(command.enter);
  else await closePort();
  report();
  if ('stop' in command) process.disconnect();
});
await openPort();
report();
