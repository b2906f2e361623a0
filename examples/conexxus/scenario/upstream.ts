import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Behaviour of the API. */
export type Behaviour =
  | 'healthy'
  /** Answers 500. */
  | 'failing'
  /** Never answers. */
  | 'hanging'
  /** Stores sales, and never answers. */
  | 'losing answers'
  /** One item has no SKU, and of the sales only the first is accepted. */
  | 'partial'
  | 'redirecting'
  /** Answers with more than 50 MB. */
  | 'too large';

type Sales = readonly { readonly id: string }[];

/** Stand-in for the Conexxus API on 127.0.0.1, whose behaviour a script changes. */
export class Upstream {
  behaviour: Behaviour = 'healthy';
  requests = 0;
  /** Most requests that it had at the same time. */
  mostAtOnce = 0;
  /** Ids of the sales that it has stored. */
  readonly sales = new Set<string>();
  /** Is called at the beginning of each request, with its number. */
  onRequest: (number: number) => unknown = () => undefined;
  #atOnce = 0;
  #onIdle: () => void = () => undefined;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor(private readonly key: string) {}

  /** Starts listening, and returns its address. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => void this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves once no request is open. */
  async idle(): Promise<void> {
    if (this.#atOnce > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.onRequest(++this.requests);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    response.once('close', () => {
      if (--this.#atOnce === 0) this.#onIdle();
    });
    const send = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    switch (this.behaviour) {
      case 'hanging':
        return;
      case 'failing':
        return send(500, { error: 'maintenance' });
      case 'redirecting':
        return void response.writeHead(302, { location: request.url ?? '/' }).end();
      case 'too large':
        return void response.writeHead(200, { 'content-length': 51 * 1024 * 1024 }).end(Buffer.alloc(51 * 1024 * 1024));
    }
    if (request.headers.authorization !== `Bearer ${this.key}`) return send(401, { error: 'unknown key' });
    if (request.method === 'GET') return send(200, { data: this.#items() });
    const accepted = this.#store((await bodyOf(request)).sales);
    if (this.behaviour !== 'losing answers') send(200, { accepted });
  }

  #items(): object[] {
    const skus = ['A1', 'B2', this.behaviour === 'partial' ? '' : 'C3'];
    return skus.map((sku, index) => ({ sku, name: `Item ${sku}`, quantity: 10 * index }));
  }

  #store(sales: Sales): string[] {
    const ids = (this.behaviour === 'partial' ? sales.slice(0, 1) : sales).map(({ id }) => id);
    for (const id of ids) this.sales.add(id);
    return ids;
  }
}

async function bodyOf(request: IncomingMessage): Promise<{ sales: Sales }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}
