import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the API behaves: answers, fails with 500, never answers, or lacks some items. */
export type Behaviour = 'healthy' | 'failing' | 'hanging' | 'partial';

/** A stand-in for the Conexxus API on 127.0.0.1, whose behaviour a script changes. */
export class Upstream {
  behaviour: Behaviour = 'healthy';
  requests = 0;
  /** Ids of the sales that it has stored. */
  readonly sales = new Set<string>();
  /** Most requests that it had at the same time. */
  mostAtOnce = 0;
  #atOnce = 0;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor(readonly key: string) {}

  /** Starts listening, and returns its address. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => void this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++;
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    response.once('close', () => this.#atOnce--);
    const send = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (this.behaviour === 'hanging') return;
    if (this.behaviour === 'failing') return send(500, { error: 'maintenance' });
    if (request.headers.authorization !== `Bearer ${this.key}`) return send(401, { error: 'unknown key' });
    if (request.method === 'POST') return send(200, { accepted: this.#store(await bodyOf(request)) });
    const items = ['A1', 'B2', this.behaviour === 'partial' ? '' : 'C3'];
    send(200, { data: items.map((sku, quantity) => ({ sku, name: `Item ${sku}`, quantity })) });
  }

  #store({ sales }: { sales: readonly { id: string }[] }): string[] {
    for (const { id } of sales) this.sales.add(id);
    return sales.map(({ id }) => id);
  }
}

async function bodyOf(request: IncomingMessage): Promise<{ sales: readonly { id: string }[] }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}
