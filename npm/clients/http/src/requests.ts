import { absolute, hasCredentials, originOf } from './addresses.ts';
import type { Body } from './request-bodies.ts';

/** One request to send: the caller's, or one that a redirect leads to. */
export interface OutgoingRequest {
  /** First argument of `fetch`: the caller's own `Request`, or an address. */
  readonly input: string | Request;
  /** Absolute address, or one that is relative to the page. */
  readonly address: string;
  readonly origin: string;
  readonly method: string;
  /** Body of every attempt; null if there is none, or if that of `input` is sent. */
  readonly body: Body | null;
  /** Copy of the caller's options without `body`, `redirect` and `signal`. It is passed to `fetch`. */
  readonly init: RequestInit | undefined;
  readonly redirect: RequestRedirect;
  readonly signal: AbortSignal | undefined;
}

/** Attributes of a `Request` that are passed to `fetch` only if they differ from their default. */
const ATTRIBUTES = ['cache', 'credentials', 'integrity', 'keepalive', 'mode', 'referrer', 'referrerPolicy'] as const;

/** Options that are read from an `init` with getters, such as a `Request`. */
const OPTIONS = [...ATTRIBUTES, 'method', 'headers', 'body', 'redirect', 'signal', 'duplex', 'dispatcher'] as const;

/**
 * Reads the arguments of a `fetch` call. Returns undefined if they are of no use, so that `fetch` rejects the call.
 *
 * The options and headers are copied, because the caller may change them before the request is sent or repeated.
 *
 * @throws {TypeError} for an address with credentials, and for a body that cannot be sent.
 */
export function readRequest(
  input: string | URL | Request,
  given: RequestInit | undefined,
): OutgoingRequest | undefined {
  const source = isRequest(input) ? input : undefined;
  const address = absolute(source?.url ?? String(input));
  const origin = originOf(address);
  if (origin === undefined) return undefined;
  if (hasCredentials(address)) {
    throw new TypeError('Request cannot be constructed from a URL that includes credentials');
  }
  if (given == null && source === undefined) {
    return { input: address, address, origin, ...PLAIN_GET };
  }
  const { body, redirect, signal, ...init } = copyOf(given);
  if (!REDIRECTS.has(redirect) || !isSignal(signal)) return undefined;
  if (init.headers != null) init.headers = copyHeaders(init.headers);
  const method = standardMethod(init.method ?? source?.method ?? 'GET');
  const request: OutgoingRequest = {
    input: source ?? address,
    address,
    origin,
    method,
    body: body ?? source?.body ?? null,
    init,
    redirect: redirect ?? source?.redirect ?? 'follow',
    signal: (signal === undefined ? source?.signal : signal) ?? undefined,
  };
  if (request.body !== null) checkBody(request, body == null);
  return request;
}

const REDIRECTS = new Set<unknown>(['follow', 'error', 'manual', undefined]);

function isSignal(value: unknown): boolean {
  return value == null || typeof (value as Partial<AbortSignal>).addEventListener === 'function';
}

const PLAIN_GET = { method: 'GET', body: null, init: undefined, redirect: 'follow', signal: undefined } as const;

/** Whether `fetch` rejects the options of a request without sending it. `Request` checks the same ones. */
export function isInvalid({ address, init }: OutgoingRequest): boolean {
  const { dispatcher: _, ...options } = (init ?? {}) as RequestInit & { dispatcher?: unknown };
  try {
    new Request(address, options);
    return false;
  } catch {
    return true;
  }
}

/** Returns the attributes of a request's own `Request`, for a request to another address. */
export function attributesOf({ input }: OutgoingRequest): RequestInit {
  if (typeof input === 'string') return {};
  const defaults = new Request('http://localhost');
  const changed = ATTRIBUTES.filter((name) => input[name] !== undefined && input[name] !== defaults[name]);
  return Object.fromEntries(changed.map((name) => [name, input[name]]));
}

/** Returns the headers of a request: those of its options, or else those of its `Request`. */
export function headersOf({ input, init }: OutgoingRequest): Headers {
  return new Headers(init?.headers ?? (typeof input === 'string' ? undefined : input.headers));
}

function isRequest(input: string | URL | Request): input is Request {
  return typeof input === 'object' && input !== null && 'url' in input && 'headers' in input;
}

/** Returns a shallow copy of options. Those of an object of a class, which has getters, are read one by one. */
function copyOf(init: RequestInit | undefined): RequestInit {
  if (init == null) return {};
  const prototype: unknown = Object.getPrototypeOf(init);
  if (prototype === Object.prototype || prototype === null) return { ...init };
  const known = OPTIONS.map((name) => [name, (init as Record<string, unknown>)[name]] as const);
  return { ...Object.fromEntries(known.filter(([, value]) => value !== undefined)), ...init };
}

/** Returns a copy of headers. A copy of the same class keeps the case of the names. */
function copyHeaders(headers: HeadersInit): HeadersInit {
  if (typeof headers !== 'object') return headers;
  if (!(Symbol.iterator in headers)) return { ...headers };
  if (Array.isArray(headers)) return [...headers];
  const { constructor } = headers as { constructor?: unknown };
  return typeof constructor === 'function' ? new (constructor as typeof Headers)(headers) : [...headers];
}

/** Methods that `fetch` accepts in any case and sends in upper case. */
const NORMALIZED_METHOD = /^(delete|get|head|options|post|put)$/i;

function standardMethod(method: string): string {
  if (method === 'GET' || typeof method !== 'string') return method;
  return NORMALIZED_METHOD.test(method) ? method.toUpperCase() : method;
}

/** Throws for a body that `fetch` would refuse, before a breaker counts the request: the dependency is not at fault. */
function checkBody({ input, method, body }: OutgoingRequest, isOfSource: boolean): void {
  if (method === 'GET' || method === 'HEAD') throw new TypeError('Request with GET/HEAD method cannot have body');
  const isUsed = isOfSource && typeof input === 'object' && input.bodyUsed;
  if (isUsed || (body instanceof ReadableStream && body.locked)) {
    throw new TypeError('Body is unusable: it is locked or has been read');
  }
}
