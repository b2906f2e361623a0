const DELAY_SECONDS = /^\s*\d+\s*$/;
const HTTP_DATE = /^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/;

/**
 * Returns the delay that an error or a response asks for, in milliseconds, or undefined if it asks for none. Sources
 * are its own `retryAfter`, in milliseconds, and the header `Retry-After` of its `response` or its own `headers`, in
 * seconds or as a date (RFC 9110, 10.2.3).
 *
 * @param now clock that dates are compared with, in milliseconds since 1970. Default: `Date.now`.
 */
export function readRetryAfter(error: unknown, now: () => number = Date.now): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { retryAfter, response, headers } = error as Partial<Record<'retryAfter' | 'response' | 'headers', unknown>>;
  if (typeof retryAfter === 'number') return retryAfter;
  const allHeaders = (response as { headers?: unknown } | null | undefined)?.headers ?? headers;
  const header = headerOf(allHeaders, 'retry-after') ?? headerOf(allHeaders, 'Retry-After');
  return header === undefined ? undefined : delayOf(header, now);
}

/** Returns the value of a header from a `Headers` object or a plain object. */
function headerOf(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const { get } = headers as { get?: unknown };
  const value: unknown =
    typeof get === 'function' ? get.call(headers, name) : (headers as Record<string, unknown>)[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function delayOf(header: string, now: () => number): number | undefined {
  if (DELAY_SECONDS.test(header)) return Number(header) * 1_000;
  if (!HTTP_DATE.test(header)) return undefined;
  // The oldest of the three date formats does not name its time zone, which is GMT.
  return Math.max(0, Date.parse(header.includes('GMT') ? header : `${header} GMT`) - now());
}
