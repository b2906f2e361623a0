import type { ManagementHandler } from './handler.ts';
import { RequestProblem } from './problem.ts';

/** Request of Node, Express or Koa, as far as the listener uses it. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Address before a router has cut it. */
  readonly originalUrl?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Body, if a parser has read it. */
  readonly body?: unknown;
  readonly complete?: boolean | undefined;
  readonly socket?: object | null | undefined;
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/** Response of Node, Express or Koa, as far as the listener uses it. */
export interface NodeResponse {
  statusCode: number;
  readonly writableFinished: boolean;
  setHeader(name: string, value: string | readonly string[]): unknown;
  flushHeaders(): unknown;
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  destroy(): unknown;
  on(event: string, listener: () => void): unknown;
}

/**
 * Returns a listener for `http.createServer()`, Express and others with the request and the response of Node. `authorize`
 * receives the request of Node as its `context`.
 *
 * ```ts
 * app.use('/ops', nodeListener(management({ registry, basePath: '/ops', authorize })));
 * ```
 */
export function nodeListener(handler: ManagementHandler): (request: NodeRequest, response: NodeResponse) => void {
  return (request, response) => {
    answer(handler, request, response).catch(() => response.destroy());
  };
}

async function answer(handler: ManagementHandler, request: NodeRequest, response: NodeResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  let asked: Request;
  try {
    asked = requestOf(request, gone.signal);
  } catch {
    const problem = new RequestProblem('bad-request', 'The method, the address or a header is not valid');
    const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
    return send(request, response, new Response(JSON.stringify(problem.document), { status: 400, headers }));
  }
  await send(request, response, await handler(asked, request));
}

/** Methods that `Request` refuses. No resource has them, or the method that replaces them. */
const REFUSED: ReadonlySet<string> = new Set(['TRACE', 'TRACK', 'CONNECT']);

/** Returns the request. Throws if it has an invalid method, address or header. */
function requestOf(request: NodeRequest, signal: AbortSignal): Request {
  const path = request.originalUrl ?? request.url ?? '';
  if (!path.startsWith('/')) throw new TypeError('The address is no path');
  const host = request.headers['host'] ?? request.headers[':authority'];
  const isValidHost = typeof host === 'string' && /^[\w.:[\]-]{1,255}$/.test(host);
  const scheme = (request.socket as { encrypted?: boolean } | null | undefined)?.encrypted === true ? 'https' : 'http';
  const method = REFUSED.has(request.method ?? '') ? 'UNKNOWN' : (request.method ?? 'GET');
  const body = method === 'GET' || method === 'HEAD' ? undefined : bodyOf(request);
  const init = { method, headers: headersOf(request), signal, ...(body !== undefined && { body, duplex: 'half' }) };
  return new Request(`${scheme}://${isValidHost ? host : 'localhost'}${path}`, init);
}

function headersOf(request: NodeRequest): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || name.startsWith(':')) continue;
    headers.set(name, typeof value === 'string' ? value : value.join(', '));
  }
  return headers;
}

/** Returns the body: as a parser has read it, or as it arrives. It is read on demand only. */
function bodyOf(request: NodeRequest): BodyInit | undefined {
  const { body, headers } = request;
  // A parser may have made an empty object of no body.
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return undefined;
  if (typeof body === 'string' || body instanceof Uint8Array) return body as BodyInit;
  if (typeof body === 'object' && body !== null && request.complete === true) return JSON.stringify(body);
  return new ReadableStream<Uint8Array>(new BodySource(request), { highWaterMark: 0 });
}

class BodySource {
  readonly #request: NodeRequest;
  #isListening = false;
  #hasEnded = false;

  constructor(request: NodeRequest) {
    this.#request = request;
  }

  pull(controller: ReadableStreamDefaultController<Uint8Array>): void {
    if (!this.#isListening) this.#listen(controller);
    if (!this.#hasEnded) this.#request.resume();
  }

  cancel(): void {
    this.#hasEnded = true;
    this.#request.pause();
  }

  #listen(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#isListening = true;
    const end = (settle: () => void) => {
      if (this.#hasEnded) return;
      this.#hasEnded = true;
      settle();
    };
    this.#request.on('data', (chunk: Uint8Array) => {
      if (this.#hasEnded) return;
      this.#request.pause();
      controller.enqueue(chunk);
    });
    this.#request.on('end', () => end(() => controller.close()));
    this.#request.on('error', (error: Error) => end(() => controller.error(error)));
    this.#request.on('close', () => end(() => controller.error(new Error('The connection was closed'))));
  }
}

async function send(request: NodeRequest, response: NodeResponse, answer: Response): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) if (name !== 'set-cookie') response.setHeader(name, value);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  // The rest of a body that nobody wants is not waited for.
  const isHttp1 = request.headers[':authority'] === undefined;
  if (request.complete === false && isHttp1) response.setHeader('connection', 'close');
  if (answer.body !== null) await pipe(answer.body, response);
  response.end();
  if (request.complete === false) request.resume();
}

/** Writes a body as fast as the client reads it, until the client goes. */
async function pipe(body: ReadableStream<Uint8Array>, response: NodeResponse): Promise<void> {
  const reader = body.getReader();
  let wake = (): void => undefined;
  let isGone = false;
  response.on('drain', () => wake());
  response.on('close', () => {
    isGone = true;
    reader.cancel().catch(() => undefined);
    wake();
  });
  response.flushHeaders();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || isGone) return;
    if (!response.write(value) && !isGone) await new Promise<void>((resolve) => (wake = resolve));
  }
}
