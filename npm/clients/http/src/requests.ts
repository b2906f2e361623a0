import { BodyTooLargeError } from './errors.ts';

/** Body of a request. A stream can be sent only once. */
export type Body = NonNullable<RequestInit['body']>;

/** One request to send: the caller's, or one that a redirect leads to. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Body | null;
  /** Further options of the caller, passed to `fetch` unchanged. */
  readonly otherInit: RequestInit;
  readonly redirect: RequestRedirect;
  readonly signal: AbortSignal | undefined;
}

/** Attributes of a `Request` that are passed to `fetch` only if they differ from their default. */
const ATTRIBUTES = ['cache', 'credentials', 'integrity', 'keepalive', 'mode', 'referrer', 'referrerPolicy'] as const;

/**
 * Reads the arguments of a `fetch` call.
 *
 * @throws {TypeError} for an invalid address, method or header, as `fetch` does.
 */
export function readRequest(input: string | URL | Request, init: RequestInit = {}): OutgoingRequest {
  const source = isRequest(input) ? new (classOf(input))(input, init) : undefined;
  const { method, headers, body, redirect, signal, ...others } = init;
  const request: OutgoingRequest = {
    url: urlOf(source?.url ?? String(input)),
    method: standardMethod(source?.method ?? method ?? 'GET'),
    headers: new Headers(source?.headers ?? headers ?? {}),
    body: source === undefined ? (body ?? null) : source.body,
    otherInit: source === undefined ? others : { ...attributesOf(source), ...others },
    redirect: source?.redirect ?? redirect ?? 'follow',
    signal: source?.signal ?? signal ?? undefined,
  };
  validate(request);
  return request;
}

/** Whether a body is a stream, which can be sent only once. */
export function isStream(body: Body | null): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return body instanceof ReadableStream || Symbol.asyncIterator in body;
}

/** Returns the size of a body in bytes, or undefined for a stream. The size of a form is that of its names and values. */
export function sizeOf(body: Body | null): number | undefined {
  if (body === null) return 0;
  if (typeof body === 'string') return textSize(body);
  if (body instanceof URLSearchParams) return textSize(String(body));
  if (body instanceof FormData) {
    return [...body].reduce(
      (size, [name, value]) => size + textSize(name) + (typeof value === 'string' ? textSize(value) : value.size),
      0,
    );
  }
  const { byteLength, size } = body as { byteLength?: unknown; size?: unknown };
  if (typeof byteLength === 'number') return byteLength;
  return typeof size === 'number' ? size : undefined;
}

/** Returns a body that breaks after `limit` bytes and then calls `onExcess`. A body that is no stream is returned as it is. */
export function limitBody(body: Body | null, limit: number, onExcess: (error: BodyTooLargeError) => void): Body | null {
  if (!isStream(body)) return body;
  let total = 0;
  const count = (chunk: unknown): void => {
    total += typeof chunk === 'string' ? textSize(chunk) : ((chunk as Uint8Array).byteLength ?? 0);
    if (total <= limit) return;
    const error = new BodyTooLargeError('request', limit);
    onExcess(error);
    throw error;
  };
  if (!(body instanceof ReadableStream)) return counted(body as unknown as AsyncIterable<unknown>, count) as never;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      count(chunk);
      controller.enqueue(chunk);
    },
  });
  return body.pipeThrough(counting);
}

async function* counted(chunks: AsyncIterable<unknown>, count: (chunk: unknown) => void) {
  for await (const chunk of chunks) {
    count(chunk);
    yield chunk;
  }
}

function isRequest(input: string | URL | Request): input is Request {
  return typeof input === 'object' && 'url' in input && 'headers' in input;
}

/** Returns the class of a request, which is another than the global one for the `fetch` of undici or node-fetch. */
function classOf(request: Request): typeof Request {
  const { constructor } = request;
  return typeof constructor === 'function' && constructor !== Object ? (constructor as typeof Request) : Request;
}

function urlOf(text: string): URL {
  const base = (globalThis as { location?: { href?: string } }).location?.href;
  return base === undefined ? new URL(text) : new URL(text, base);
}

/** Methods that `fetch` accepts in any case and sends in upper case. */
const NORMALIZED_METHOD = /^(delete|get|head|options|post|put)$/i;

function standardMethod(method: string): string {
  return NORMALIZED_METHOD.test(method) ? method.toUpperCase() : method;
}

function attributesOf(request: Request): RequestInit {
  const defaults = new Request('http://localhost');
  const changed = ATTRIBUTES.filter((name) => request[name] !== undefined && request[name] !== defaults[name]);
  return Object.fromEntries(changed.map((name) => [name, request[name]]));
}

/** Throws for a request that `fetch` would refuse, before a breaker counts it: the dependency is not at fault. */
function validate({ url, method, headers, body, otherInit }: OutgoingRequest): void {
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('Request cannot be constructed from a URL that includes credentials');
  }
  new Request(url, { ...otherInit, method, headers });
  if (body === null) return;
  if (method === 'GET' || method === 'HEAD') throw new TypeError('Request with GET/HEAD method cannot have body');
  if (body instanceof ReadableStream && body.locked) throw new TypeError('Body is unusable: it is locked');
}

let encoder: TextEncoder | undefined;

/** Returns the size of a text in UTF-8 bytes. */
function textSize(text: string): number {
  // jsdom has no TextEncoder, so that none may be created before a request is sent.
  return (encoder ??= new TextEncoder()).encode(text).byteLength;
}
