import { impliedOutcome } from '../../errors/error-class.ts';

/** Brand of the errors of @fusewire/http. */
const HTTP_ERROR: unique symbol = Symbol.for('fusewire.http.HttpError');

const DELAY_SECONDS = /^\s*\d+\s*$/;
const DELAY_MILLISECONDS = /^\s*\d+(\.\d+)?\s*$/;
const HTTP_DATE = /^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/;

/**
 * Returns the delay that an error or a response asks for, in milliseconds, or undefined if it asks for none. Sources
 * are two headers of its `response` or its own `headers`: `retry-after-ms`, in milliseconds, and `Retry-After`, in seconds or as a
 * date (RFC 9110, 10.2.3). A malformed source is skipped. The `retryAfter` of an error of fusewire comes first. That of another
 * error is not read, because its unit is not known.
 *
 * @param now clock that dates are compared with, in milliseconds since 1970. Default: `Date.now`.
 */
export function readRetryAfter(error: unknown, now: () => number = Date.now): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { retryAfter, response, headers } = error as Partial<Record<'retryAfter' | 'response' | 'headers', unknown>>;
  if (typeof retryAfter === 'number' && retryAfter >= 0 && isOwnError(error)) return retryAfter;
  const allHeaders = (response as { headers?: unknown } | null | undefined)?.headers ?? headers;
  const milliseconds = headerOf(allHeaders, 'retry-after-ms');
  if (milliseconds !== undefined && DELAY_MILLISECONDS.test(milliseconds)) return Number(milliseconds);
  const header = headerOf(allHeaders, 'retry-after');
  return header === undefined ? undefined : delayOf(header, now);
}

/** Whether an error is of this package or of @fusewire/http, so that its `retryAfter` is in milliseconds. */
function isOwnError(error: object): boolean {
  return impliedOutcome(error) !== undefined || (error as { readonly [HTTP_ERROR]?: unknown })[HTTP_ERROR] === true;
}

/** Returns the value of a header from a `Headers` object, or from a plain object with names in any case. */
function headerOf(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const { get } = headers as { get?: unknown };
  const value: unknown = typeof get === 'function' ? get.call(headers, name) : valueOf(headers, name);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function valueOf(headers: object, name: string): unknown {
  const own = (headers as Record<string, unknown>)[name];
  return own ?? Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

function delayOf(header: string, now: () => number): number | undefined {
  if (DELAY_SECONDS.test(header)) return Number(header) * 1_000;
  if (!HTTP_DATE.test(header)) return undefined;
  // The oldest of the three date formats does not name its time zone, which is GMT.
  const time = Date.parse(header.includes('GMT') ? header : `${header} GMT`);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now());
}
