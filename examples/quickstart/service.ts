// The service: an HTTP server in a process of its own. main.ts starts it and commands its faults.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './script.ts';

export type Command = { enter: Fault } | { stop: true };
/** `seen`: requests received since the start. `calls`: call numbers in the requests since the last report. */
export type Report = { port: number; seen: number; calls: number[] };

let fault: Fault = 'none';
let port = 0;
let seen = 0;
let calls: number[] = [];

const server = createServer((request, response) => {
  seen += 1;
  const call = callOf(request);
  if (call !== undefined) calls.push(call);
  void answer(response);
});
// Longer than the demo, so that no connection is closed by the server just as the client uses it again.
server.keepAliveTimeout = 60_000;

/** Returns the call number of the URL `/name?call=number`. */
function callOf({ url }: IncomingMessage): number | undefined {
  const number = url?.match(/\?call=(\d+)$/)?.[1];
  return number === undefined ? undefined : Number(number);
}

async function answer(response: ServerResponse): Promise<void> {
  const number = seen;
  if (fault === 'hang') return;
  if (fault === 'reset') return void response.destroy();
  if (fault === 'error') return send(response, 500, { error: 'out of order' });
  if (fault === 'busy') return send(response, 503, { error: 'too busy' }, { 'retry-after': '1' });
  if (fault === 'drip') return drip(response, { answer: number });
  await sleep(fault === 'slow' ? 400 : 20 + (number % 5) * 5);
  send(response, 200, { answer: number });
}

function send(response: ServerResponse, status: number, body: object, headers: OutgoingHttpHeaders = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Sends the head at once, and the body a character at a time. */
async function drip(response: ServerResponse, body: object): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  for (const character of JSON.stringify(body)) {
    if (response.destroyed) return;
    response.write(character);
    await sleep(30);
  }
  response.end();
}

async function enter(next: Fault): Promise<void> {
  if (next === 'refuse') await closePort();
  else if (!server.listening) await openPort();
  fault = next;
}

async function openPort(): Promise<void> {
  const lastTry = performance.now() + 10_000;
  for (;;) {
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
      return;
    } catch (error) {
      // While the port was closed, an outgoing connection of another process may have taken its number.
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
  process.send?.({ port, seen, calls } satisfies Report);
  calls = [];
}

if (!process.send) {
  console.error('service.ts is started by main.ts: node main.ts');
  process.exit(2);
}
// Ctrl-C reaches the whole process group, but the parent decides when this process ends. If the parent dies, the channel
// closes.
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
