import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Behaviour of an upstream: it works; answers 503; never answers; answers 429 with `Retry-After`; does what it is asked and cuts
 * the connection before it has answered; or refuses what it is asked with 422.
 */
export type Behaviour = 'up' | 'outage' | 'hang' | 'limited' | 'lost' | 'refuse';

/** Function that answers a request. */
export type Handler = (request: {
  readonly path: string;
  readonly key: string | undefined;
  readonly body: unknown;
}) => unknown;

/** Things done, by their idempotency keys. Servers of one service share them. */
export class Effects {
  readonly done = new Map<string, unknown>();
  /** Requests for something that was done before, and is not done again. */
  repeats = 0;

  /** Does something once, and returns the same result each time. */
  once(key: string, act: () => unknown): unknown {
    if (this.done.has(key)) this.repeats++;
    else this.done.set(key, act());
    return this.done.get(key);
  }
}

/** HTTP server on 127.0.0.1 that misbehaves on demand. */
export class Upstream {
  requests = 0;
  readonly #server: Server;
  readonly #handler: Handler;
  #behaviour: Behaviour = 'up';
  #seconds = 0;

  private constructor(handler: Handler) {
    this.#handler = handler;
    this.#server = createServer((request, response) => void this.#respond(request, response));
  }

  static async start(handler: Handler): Promise<Upstream> {
    const upstream = new Upstream(handler);
    upstream.#server.listen(0, '127.0.0.1');
    await once(upstream.#server, 'listening');
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** @param seconds `Retry-After` of `'limited'`. */
  behave(behaviour: Behaviour, seconds = 1): void {
    this.#behaviour = behaviour;
    this.#seconds = seconds;
    // Requests that hang are cut when the service is back.
    if (behaviour === 'up') this.#server.closeIdleConnections();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? '/';
    const isQuestion = path === '/healthz';
    if (!isQuestion) this.requests++;
    const answer = (status: number, body: unknown, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    switch (this.#behaviour) {
      case 'hang':
        return;
      case 'outage':
        return void answer(503, { error: 'out of service' });
      case 'limited':
        return void answer(429, { error: 'slow down' }, { 'retry-after': String(this.#seconds) });
    }
    if (isQuestion) return void answer(200, { ok: true });
    if (this.#behaviour === 'refuse') return void answer(422, { error: 'refused' });
    const key = request.headers['idempotency-key'] as string | undefined;
    const text = Buffer.concat(chunks).toString();
    const result = this.#handler({ path, key, body: text === '' ? undefined : JSON.parse(text) });
    if (this.#behaviour === 'lost') return void response.destroy();
    answer(200, result);
  }
}
