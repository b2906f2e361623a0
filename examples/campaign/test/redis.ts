import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Starts a server that speaks as much of the protocol of Redis as the cache uses. */
export async function startRedis() {
  const entries = new Map<string, string>();
  const sockets = new Set<Socket>();
  const bulk = (text: string | undefined) =>
    text === undefined ? '$-1\r\n' : `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
  const answer = ([command = '', key = '', , text = '']: readonly string[]): string => {
    switch (command.toLowerCase()) {
      case 'get':
        return bulk(entries.get(key));
      case 'psetex':
        entries.set(key, text);
        return '+OK\r\n';
      case 'info':
        return bulk('redis_version:7.0.0\r\nloading:0\r\n');
      case 'hello':
        return `%2\r\n${bulk('server')}${bulk('redis')}${bulk('proto')}:3\r\n`;
      default:
        return '+OK\r\n';
    }
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    let received = '';
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      received += data.toString();
      for (let command = commandOf(received); command !== undefined; command = commandOf(received)) {
        received = received.slice(command.length);
        socket.write(answer(command.words));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    entries,
    async close() {
      if (!server.listening) return;
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Reads one command from the beginning of a text: an array of strings. */
function commandOf(text: string): { readonly words: string[]; readonly length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return undefined;
  const words: string[] = [];
  let at = head[0].length;
  while (words.length < Number(head[1])) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (size === null) return undefined;
    const start = at + size[0].length;
    const end = start + Number(size[1]);
    if (text.length < end + 2) return undefined;
    words.push(text.slice(start, end));
    at = end + 2;
  }
  return { words, length: at };
}
