import { urlOf } from './addresses.ts';
import { TooManyRedirectsError } from './errors.ts';
import { redirectedReferral } from './referrers.ts';
import { isStream } from './request-bodies.ts';
import { attributesOf, headersOf } from './requests.ts';
import type { OutgoingRequest } from './requests.ts';

const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308]);
/** Whether the status of a response is that of a redirect. */
export function isRedirect({ status }: Response): boolean {
  return status >= 300 && status < 400 && REDIRECT_STATUSES.has(status);
}

/** Headers that describe the body, and are dropped with it. */
const BODY_HEADERS = ['content-encoding', 'content-language', 'content-length', 'content-location', 'content-type'];
/** Headers that must not reach another origin. */
const ORIGIN_HEADERS = ['authorization', 'cookie', 'host', 'proxy-authorization'];

/**
 * Returns the request that a redirect leads to, as the fetch standard describes in "HTTP-redirect fetch". Returns undefined
 * if the response is no redirect, or the request handles redirects itself.
 *
 * @param followed number of redirects that have been followed.
 * @throws {TooManyRedirectsError} if there are more than `maxRedirects`, or the target is not allowed.
 * @throws {TypeError} for `redirect: 'error'`, as `fetch` does, with a `TooManyRedirectsError` as the `cause`.
 */
export function redirectedRequest(
  request: OutgoingRequest,
  response: Response,
  followed: number,
  maxRedirects: number,
): OutgoingRequest | undefined {
  const { status } = response;
  if (!REDIRECT_STATUSES.has(status) || request.redirect === 'manual') return undefined;
  const location = decodeLocation(response.headers.get('location'));
  if (location === null) return undefined;
  const from = urlOf(request.address) as URL;
  const redirectError = (reason: string) =>
    new TooManyRedirectsError(`Redirect from ${from.origin}${from.pathname}: ${reason}`, { status });
  const reject = (reason: string): never => {
    throw redirectError(reason);
  };
  if (request.redirect === 'error') {
    const cause = redirectError("the request has redirect: 'error'");
    throw new TypeError('fetch failed', { cause });
  }
  if (followed >= maxRedirects) reject(`more than ${maxRedirects} redirects`);
  if (!URL.canParse(location, from)) return reject('its location is not a valid URL');
  const url = new URL(location, from);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    reject(`its location has the protocol ${url.protocol}, only http: and https: are followed`);
  }
  if (url.username !== '' || url.password !== '') reject('its location includes credentials');
  if (url.hash === '') url.hash = from.hash;
  const dropsBody = becomesGet(status, request.method);
  if (!dropsBody && isStream(request.body)) reject('its body was a stream, which cannot be sent again');
  const method = dropsBody ? 'GET' : request.method;
  const body = dropsBody ? null : request.body;
  const options = { ...attributesOf(request), ...request.init };
  const init = { ...options, ...redirectedReferral(options, from, response), method };
  init.headers = redirectedHeaders(request, url, dropsBody);
  return { ...request, input: url.href, address: url.href, origin: url.origin, method, body, init };
}

function redirectedHeaders(request: OutgoingRequest, target: URL, dropsBody: boolean): Headers {
  const headers = headersOf(request);
  if (target.origin !== request.origin) for (const name of ORIGIN_HEADERS) headers.delete(name);
  if (dropsBody) for (const name of BODY_HEADERS) headers.delete(name);
  return headers;
}

function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD';
  return (status === 301 || status === 302) && method === 'POST';
}

/** Returns a location as text. `fetch` decodes the bytes of a header as Latin-1, but servers send UTF-8. */
function decodeLocation(location: string | null): string | null {
  if (location === null || !/[\x80-\xff]/.test(location) || /[\u0100-\uffff]/.test(location)) return location;
  return new TextDecoder().decode(Uint8Array.from(location, (character) => character.charCodeAt(0)));
}
