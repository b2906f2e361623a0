import { RedirectError } from './errors.ts';
import { isStream } from './requests.ts';
import type { Outgoing } from './requests.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const OF_THE_BODY = ['content-encoding', 'content-language', 'content-length', 'content-location', 'content-type'];
/** What is meant for one origin and none other. */
const OF_THE_ORIGIN = ['authorization', 'cookie', 'host', 'proxy-authorization'];

/**
 * The request that a redirect leads to, after the fetch standard, "HTTP-redirect fetch"; undefined where the response is the
 * last.
 *
 * @param followed how many redirects have been followed.
 * @throws {RedirectError} if it is one too many, or leads where none may.
 */
export function redirected(
  request: Outgoing,
  response: Response,
  followed: number,
  most: number,
): Outgoing | undefined {
  const { status } = response;
  const location = response.headers.get('location');
  if (!REDIRECTS.has(status) || location === null || request.redirect === 'manual') return undefined;
  const refuse = (reason: string): never => {
    throw new RedirectError(`Redirect from ${request.url.origin}${request.url.pathname}: ${reason}`, { status });
  };
  if (request.redirect === 'error') refuse('the request asks for none');
  if (followed >= most) refuse(`more than ${most}`);
  if (!URL.canParse(location, request.url)) return refuse('its location is no URL');
  const url = new URL(location, request.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') refuse(`its location is ${url.protocol}`);
  if (url.username !== '' || url.password !== '') refuse('its location includes credentials');
  if (url.hash === '') url.hash = request.url.hash;
  const headers = new Headers(request.headers);
  if (url.origin !== request.url.origin) for (const name of OF_THE_ORIGIN) headers.delete(name);
  if (!becomesGet(status, request.method)) {
    if (isStream(request.body)) refuse('its body was a stream, which has been sent');
    return { ...request, url, headers };
  }
  for (const name of OF_THE_BODY) headers.delete(name);
  return { ...request, url, headers, method: 'GET', body: null };
}

function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD';
  return (status === 301 || status === 302) && method === 'POST';
}
