import { BodyTooLargeError } from './errors.ts';

/** What a request may carry; where it is a stream it can be sent once. */
export type Body = NonNullable<RequestInit['body']>;

/** A request on its way, which may lead through redirects. */
export interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Body | null;
  /** What else the caller gave, for fetch to know. */
  readonly rest: RequestInit;
  readonly redirect: RequestRedirect;
  readonly signal: AbortSignal | undefined;
}

/** What is the same whatever the request, and so may be left out. */
const ATTRIBUTES = ['cache', 'credentials', 'integrity', 'keepalive', 'mode', 'referrer', 'referrerPolicy'] as const;

/**
 * Reads what fetch was called with.
 *
 * @throws {TypeError} as fetch does: an address, a method or a header that cannot be.
 */
export function readRequest(input: string | URL | Request, init: RequestInit = {}): Outgoing {
  const given = isRequest(input) ? new Request(input, init) : undefined;
  const { method, headers, body, redirect, signal, ...others } = init;
  const rest = given === undefined ? others : { ...attributesOf(given), ...others };
  const request: Outgoing = {
    url: urlOf(given?.url ?? String(input)),
    method: standardMethod(given?.method ?? method ?? 'GET'),
    headers: new Headers(given?.headers ?? headers ?? {}),
    body: given === undefined ? (body ?? null) : given.body,
    rest,
    redirect: given?.redirect ?? redirect ?? 'follow',
    signal: given?.signal ?? signal ?? undefined,
  };
  check(request);
  return request;
}

/** Whether its body is gone once it has been sent. */
export function isStream(body: Body | null): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return body instanceof ReadableStream || Symbol.asyncIterator in body;
}

/** The size of a body in bytes; undefined where only sending it will tell. Of a form it is that of its contents. */
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

/** A body that fails beyond `limit` bytes, `onExcess` being told why. */
export function limited(body: Body | null, limit: number, onExcess: (error: BodyTooLargeError) => void): Body | null {
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

function urlOf(text: string): URL {
  const base = (globalThis as { location?: { href?: string } }).location?.href;
  return base === undefined ? new URL(text) : new URL(text, base);
}

/** The names that fetch takes in any case. */
const ANY_CASE = /^(delete|get|head|options|post|put)$/i;

function standardMethod(method: string): string {
  return ANY_CASE.test(method) ? method.toUpperCase() : method;
}

function attributesOf(request: Request): RequestInit {
  const usual = new Request('http://localhost');
  const own = ATTRIBUTES.filter((name) => request[name] !== undefined && request[name] !== usual[name]);
  return Object.fromEntries(own.map((name) => [name, request[name]]));
}

/** What fetch would refuse is no fault of the dependency: it is found before anything is counted. */
function check({ url, method, headers, body, rest }: Outgoing): void {
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('Request cannot be constructed from a URL that includes credentials');
  }
  new Request(url, { ...rest, method, headers });
  if (body === null) return;
  if (method === 'GET' || method === 'HEAD') throw new TypeError('Request with GET/HEAD method cannot have body');
  if (body instanceof ReadableStream && body.locked) throw new TypeError('Body is unusable: it is locked');
}

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
function textSize(text: string): number {
  return encoder.encode(text).byteLength;
}
