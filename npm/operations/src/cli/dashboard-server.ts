import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Dashboard } from '../dashboard/dashboard.ts';
import type { Arguments } from './arguments.ts';
import type { Terminal } from './terminal.ts';

/** Headers of the browser that a program gets, and headers of the program that the browser gets. */
const FORWARDED = ['accept', 'content-type', 'last-event-id', 'if-none-match', 'x-requested-with'];
const RETURNED = ['content-type', 'etag', 'cache-control', 'allow', 'retry-after'];
const MOST_BYTES = 65_536;

/**
 * Serves a dashboard of several programs on 127.0.0.1, until it is interrupted. The browser asks this server, which asks the
 * programs with the headers that were given; the browser never has those.
 *
 * @returns the exit code: 0.
 */
export async function serveDashboard(
  board: Dashboard,
  args: Arguments,
  terminal: Terminal,
  interrupted: AbortSignal,
): Promise<number> {
  const server = createServer((request, response) => {
    new Exchange(board, args, request, response).run().catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(args.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  terminal.write(`Dashboard of ${args.urls.map(({ host }) => host).join(', ')}: http://127.0.0.1:${port}/\n`);
  await new Promise<void>((resolve) => {
    if (interrupted.aborted) resolve();
    interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
  server.close();
  server.closeAllConnections();
  return 0;
}

/** A request of the browser, and its answer. */
class Exchange {
  readonly #board: Dashboard;
  readonly #args: Arguments;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(board: Dashboard, args: Arguments, request: IncomingMessage, response: ServerResponse) {
    this.#board = board;
    this.#args = args;
    this.#request = request;
    this.#response = response;
  }

  async run(): Promise<void> {
    // A page of another site can have its name point to this address, but not change the header.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(this.#request.headers.host ?? ''))
      return this.#refuse(421, 'Unknown host');
    const { pathname, search } = new URL(this.#request.url ?? '/', 'http://127.0.0.1');
    const [, folder = '', name = '', ...rest] = pathname.split('/');
    if (folder === '') return this.#send(this.#board.page('files/', this.#sources()));
    if (folder === 'files') {
      const file = this.#board.file(name);
      return file === undefined ? this.#refuse(404, 'There is no such file') : this.#send(file);
    }
    const url = folder === 'instances' ? this.#args.urls[Number(name)] : undefined;
    if (url === undefined || name === '') return this.#refuse(404, 'There is no such instance');
    await this.#ask(new URL(`${rest.join('/')}${search}`, url), url);
  }

  #sources() {
    return this.#args.urls.map(({ host, pathname }, index) => {
      const isAlone = this.#args.urls.filter((other) => other.host === host).length === 1;
      return { name: isAlone ? host : `${host}${pathname}`, path: `instances/${index}/` };
    });
  }

  /** Asks a program. */
  async #ask(url: URL, base: URL): Promise<void> {
    const { method = 'GET', headers } = this.#request;
    if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname))
      return this.#refuse(404, 'There is no such path');
    const isChange = method !== 'GET' && method !== 'HEAD';
    if (isChange && headers['sec-fetch-site'] !== 'same-origin')
      return this.#refuse(403, 'A page of another site must not change anything');
    const gone = new AbortController();
    this.#response.on('close', () => gone.abort());
    const forwarded = FORWARDED.flatMap((name) =>
      typeof headers[name] === 'string' ? [[name, headers[name]] as const] : [],
    );
    const body = isChange ? await this.#readBody() : undefined;
    if (isChange && body === undefined) return this.#refuse(413, 'The body is too long');
    let answer: Response;
    try {
      answer = await fetch(url, {
        method,
        headers: { ...Object.fromEntries(forwarded), ...this.#args.headers },
        signal: gone.signal,
        redirect: 'manual',
        ...(body !== undefined && { body: new Uint8Array(body) }),
      });
    } catch {
      return this.#refuse(502, `${base.host} does not answer`);
    }
    await this.#send(answer);
  }

  async #readBody(): Promise<Buffer | undefined> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of this.#request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  async #send(answer: Response): Promise<void> {
    const names = [...RETURNED, 'content-security-policy', 'x-content-type-options', 'referrer-policy'];
    const headers = names.flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    this.#response.writeHead(answer.status, Object.fromEntries(headers));
    this.#response.flushHeaders();
    if (answer.body === null || this.#request.method === 'HEAD') return void this.#response.end();
    await pipeline(Readable.fromWeb(answer.body as never), this.#response).catch(() => undefined);
  }

  #refuse(status: number, detail: string): void {
    this.#response.writeHead(status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
    this.#response.end(JSON.stringify({ title: 'Refused', status, detail }));
  }
}
