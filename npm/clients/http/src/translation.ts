import { messageOf, propertyOf, statusOf } from './chain.ts';
import { ClientError, isHttpError, NetworkError, RateLimitError, RequestTimeoutError, ServerError } from './errors.ts';
import type { ErrorKind, HttpError, HttpErrorDetails } from './errors.ts';
import { find, findInStatus, waitOf } from './findings.ts';
import type { Now } from './findings.ts';

/** A response of any client: of fetch, undici, axios, got, node:http. */
export type AnyResponse = { readonly headers: unknown } & (
  { readonly status: number } | { readonly statusCode?: number | undefined }
);

/**
 * What an error says about a request, whichever client it comes from, also through `cause` and `AggregateError`; undefined
 * where it says nothing that is known.
 */
export function kindOf(error: unknown): ErrorKind | undefined {
  return find(error)?.kind;
}

/** Whether the same request may succeed later; an error that nothing is known of says no. */
export function isRetriable(error: unknown): boolean {
  return find(error)?.retriable === true;
}

const CLASSES: { readonly [Kind in ErrorKind]?: new (message: string, details: HttpErrorDetails) => HttpError } = {
  server: ServerError,
  'rate-limit': RateLimitError,
  client: ClientError,
  network: NetworkError,
  timeout: RequestTimeoutError,
};

/**
 * The error of this package that an error of any client stands for, with that one as its `cause`; undefined where there is
 * no class for it: aborts, limits, and what nothing is known of.
 *
 * @param now the wall clock, for a `Retry-After` that is a date. Default: `Date.now`.
 */
export function httpErrorOf(error: unknown, now: Now = Date.now): HttpError | undefined {
  if (isHttpError(error)) return error;
  const finding = find(error, now);
  const Class = finding && CLASSES[finding.kind];
  if (finding === undefined || Class === undefined) return undefined;
  return new Class(messageOf(error) || finding.kind, { ...finding, cause: error });
}

/**
 * The error that a response stands for, a {@link ServerError}, a {@link RateLimitError} or a {@link ClientError};
 * undefined below 400.
 *
 * @param now the wall clock, for a `Retry-After` that is a date. Default: `Date.now`.
 */
export function responseErrorOf(response: AnyResponse, now: Now = Date.now): HttpError | undefined {
  const status = statusOf(response);
  const finding = status === undefined ? undefined : findInStatus(status, waitOf(response, now));
  const Class = finding && CLASSES[finding.kind];
  if (finding === undefined || Class === undefined) return undefined;
  const url = propertyOf(response, 'url');
  const from = typeof url === 'string' && url !== '' ? ` from ${withoutSecrets(url)}` : '';
  return new Class(`Response with status ${status}${from}`, finding);
}

/**
 * The response itself below 400, for fetch resolves whatever the status.
 *
 * ```ts
 * const orders = await breaker.execute(async ({ signal }) => expectOk(await fetch(url, { signal })));
 * ```
 *
 * @throws {ServerError}, {@link RateLimitError} or {@link ClientError} otherwise.
 */
export function expectOk<Answer extends AnyResponse>(response: Answer): Answer {
  const error = responseErrorOf(response);
  if (error === undefined) return response;
  throw error;
}

/** Whether a result is a response with a status of 5xx or 429: fits the option `isFailure` of a breaker. */
export function isFailedResponse(result: unknown): boolean {
  if (typeof propertyOf(result, 'headers') !== 'object') return false;
  const status = statusOf(result);
  return status !== undefined && (status >= 500 || status === 429);
}

/** Queries and passwords have no place in a message. */
function withoutSecrets(url: string): string {
  const { origin, pathname } = URL.canParse(url) ? new URL(url) : { origin: '', pathname: '' };
  return `${origin}${pathname}`;
}
