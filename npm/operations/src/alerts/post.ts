import type { OptionsReader } from 'fusewire/kit';
import { DeliveryError } from './notifier.ts';

/** Function with the arguments of `fetch`. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** Address that notifications are sent to, and how. */
export interface Receiver {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: Fetch | undefined;
}

/** Options of a notifier that sends requests. */
export interface ReceiverOptions {
  /** Headers of each request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Function that sends the requests. Default: `fetch`. */
  readonly fetch?: Fetch | undefined;
}

/** Reads the options `url`, `headers` and `fetch`. The address never appears in a message: it may contain a token. */
export function readReceiver(reader: OptionsReader, url: unknown): Receiver {
  const address = readAddress(url);
  if (url !== undefined && address === undefined) {
    reader.report('url', 'type', 'an http or https address without a user and a password');
  }
  return {
    url: address ?? '',
    headers: readHeaders(reader),
    fetch: reader.callable('fetch') as Fetch | undefined,
  };
}

function readAddress(value: unknown): string | undefined {
  if (typeof value !== 'string' && !(value instanceof URL)) return undefined;
  try {
    const { protocol, username, password, href } = new URL(value);
    return /^https?:$/.test(protocol) && username === '' && password === '' ? href : undefined;
  } catch {
    return undefined;
  }
}

function readHeaders(reader: OptionsReader): Record<string, string> {
  const headers = reader.value('headers');
  if (headers === undefined) return {};
  try {
    if (typeof headers === 'object' && headers !== null)
      return Object.fromEntries(new Headers(headers as Record<string, string>));
  } catch {
    // A name or a value that no header can have.
  }
  reader.report('headers', 'type', 'an object of valid header names and values');
  return {};
}

/**
 * Sends a body with POST, and resolves once the receiver has accepted it.
 *
 * @throws {DeliveryError} if it did not. Redirects are not followed: another address was not chosen by the operator.
 */
export async function post(
  receiver: Receiver,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const response = await send(receiver, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...receiver.headers, ...headers },
    body,
    signal,
  });
  const { status } = response;
  // The answer has nothing of interest, and may never end.
  response.body?.cancel().catch(() => undefined);
  if (status >= 200 && status < 300) return;
  const isPermanent = status < 400;
  throw new DeliveryError(status === 0 ? 'The receiver redirects' : `The receiver answered ${status}`, {
    status,
    headers: response.headers,
    isPermanent,
  });
}

async function send(receiver: Receiver, init: RequestInit & { readonly signal: AbortSignal }): Promise<Response> {
  try {
    return await (receiver.fetch ?? fetch)(receiver.url, init);
  } catch (error) {
    if (init.signal.aborted) throw init.signal.reason;
    // The error and its causes can contain the address. Only a code is safe.
    throw new DeliveryError(`The receiver cannot be reached${codeOf(error)}`);
  }
}

/** Returns the code of an error or of its cause in parentheses, or nothing if there is none. */
export function codeOf(error: unknown): string {
  const { code, cause } = (typeof error === 'object' && error !== null ? error : {}) as {
    code?: unknown;
    cause?: unknown;
  };
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return ` (${code})`;
  return cause === undefined || cause === error ? '' : codeOf(cause);
}
