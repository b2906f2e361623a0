import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Behaviour of a server: `lost answers` does what is asked, and cuts the connection instead of answering. */
export type Behaviour =
  'up' | 'outage' | 'hang' | 'lost answers' | { readonly slow: number } | { readonly limited: number };

/** Answer of a route. */
export interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

/** Request with its body, which is undefined if it is no JSON. */
export interface Request {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
  readonly body: unknown;
}

/** HTTP server on 127.0.0.1 that misbehaves on demand. */
export class MisbehavingServer {
  behaviour: Behaviour = 'up';
  /** Requests that have arrived. */
  requests = 0;
  readonly #server;

  constructor(answer: (request: Request) => Answer | Promise<Answer>) {
    this.#server = createServer(async (request, response) => {
      const bytes = Buffer.concat(await request.toArray().catch(() => []));
      this.requests++;
      const { behaviour } = this;
      if (behaviour === 'hang') return;
      if (behaviour === 'outage') return send(response, { status: 503, body: { error: 'unavailable' } });
      if (typeof behaviour === 'object' && 'limited' in behaviour) {
        response.setHeader('retry-after', String(behaviour.limited));
        return send(response, { status: 429, body: { error: 'too many requests' } });
      }
      if (typeof behaviour === 'object') await delay(behaviour.slow);
      const { url = '/', headers } = request;
      const result = await answer({ path: url, headers, bytes: bytes.length, body: parse(bytes) });
      if (behaviour === 'lost answers') request.socket.destroy();
      else send(response, result);
    });
  }

  /** Listens, and returns the URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, { status = 200, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
