import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BreakerRegistry } from 'fusewire';
import { eventLog, memoryEventSink } from '@fusewire/operations/events';
import { management, nodeListener } from '@fusewire/operations/management';
import type { Terminal } from '../../src/cli/terminal.ts';

/** Starts a program with a management API at `/ops` that knows one token. */
export async function startProgram(names: readonly string[]) {
  const breakers = new BreakerRegistry({ defaults: { failureThreshold: 2 } });
  for (const name of names) breakers.for(name);
  const events = eventLog({ sinks: [memoryEventSink()] });
  events.watch(breakers);
  const handler = management({
    registry: breakers,
    events,
    basePath: '/ops',
    authorize: ({ request }) => request.headers.get('authorization') === 'Bearer good' && { who: 'ana' },
    logger: { error: () => undefined },
  });
  const listener = nodeListener(handler);
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    listener(request as never, response as never);
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return {
    breakers,
    events,
    asked,
    url: `http://127.0.0.1:${port}/ops`,
    stop,
    start: () => listen(port),
    async close() {
      handler.close();
      await stop();
      await events.close();
    },
  };
}

/** Terminal whose output is kept. */
export class RecordedTerminal implements Terminal {
  readonly isInteractive: boolean;
  readonly columns = 120;
  readonly rows = 40;
  text = '';
  #waiting: (() => void)[] = [];

  constructor(isInteractive = false) {
    this.isInteractive = isInteractive;
  }

  write(text: string): void {
    this.text += text;
    for (const look of this.#waiting) look();
  }

  /** Resolves once the output matches a pattern. */
  seen(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!pattern.test(this.text)) return;
        this.#waiting = this.#waiting.filter((other) => other !== look);
        resolve();
      };
      this.#waiting.push(look);
      look();
    });
  }
}
