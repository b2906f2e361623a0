import { classifyError, classifyResponse } from './classification.ts';
import type { Now } from './classification.ts';
import {
  ClientError,
  HttpError,
  NetworkError,
  TooManyRequestsError,
  RequestTimeoutError,
  ServerError,
} from './errors.ts';
import type { ErrorKind, HttpErrorDetails } from './errors.ts';
import { messageOf, propertyOf, statusOf } from './linked-errors.ts';

/** Response of any client: fetch, undici, axios, got or node:http. */
export type AnyResponse = { readonly headers: unknown } & (
  { readonly status: number } | { readonly statusCode?: number | undefined }
);

/**
 * Returns the kind of any client's error, or undefined if it is unknown. The `cause` and the errors of an `AggregateError`
 * are looked at too.
 */
export function kindOf(error: unknown): ErrorKind | undefined {
  return classifyError(error)?.kind;
}

/** Whether the same request may succeed later. False for an unknown error. */
export function isRetriable(error: unknown): boolean {
  return classifyError(error)?.retriable === true;
}

const CLASSES: { readonly [Kind in ErrorKind]?: new (message: string, details: HttpErrorDetails) => HttpError } = {
  server: ServerError,
  'rate-limit': TooManyRequestsError,
  client: ClientError,
  network: NetworkError,
  timeout: RequestTimeoutError,
};

/**
 * Returns the error of this package for an error of any client, which becomes its `cause`. Returns undefined for aborts,
 * limits, invalid requests, rejections and unknown errors, which have no class here.
 *
 * @param now returns the wall clock, for a `Retry-After` that is a date. Default: `Date.now`.
 */
export function httpErrorOf(error: unknown, now: Now = Date.now): HttpError | undefined {
  if (error instanceof HttpError) return error;
  const classification = classifyError(error, now);
  const Class = classification && CLASSES[classification.kind];
  if (classification === undefined || Class === undefined) return undefined;
  return new Class(messageOf(error) || classification.kind, { ...classification, cause: error });
}

/**
 * Returns the error for a response: a {@link ServerError}, a {@link TooManyRequestsError} or a {@link ClientError}. Returns
 * undefined below 400.
 *
 * @param now returns the wall clock, for a `Retry-After` that is a date. Default: `Date.now`.
 */
export function responseErrorOf(response: AnyResponse, now: Now = Date.now): HttpError | undefined {
  const classification = classifyResponse(response, now);
  const Class = classification && CLASSES[classification.kind];
  if (classification === undefined || Class === undefined) return undefined;
  const url = propertyOf(response, 'url');
  const from = typeof url === 'string' && url !== '' ? ` from ${withoutSecrets(url)}` : '';
  return new Class(`Response with status ${classification.status}${from}`, classification);
}

/**
 * Returns a response with a status below 400, and throws for any other. `fetch` itself resolves with every status.
 *
 * ```ts
 * const orders = await breaker.execute(async ({ signal }) => expectOk(await fetch(url, { signal })));
 * ```
 *
 * @throws {ServerError}, {@link TooManyRequestsError} or {@link ClientError} for a status of 400 and above.
 */
export function expectOk<Answer extends AnyResponse>(response: Answer): Answer {
  const error = responseErrorOf(response);
  if (error === undefined) return response;
  throw error;
}

/** Whether a result is a response with a status of 5xx or 429. Made for the option `isFailure` of a breaker. */
export function isFailedResponse(result: unknown): boolean {
  const status = statusOf(result);
  if (status === undefined || (status < 500 && status !== 429)) return false;
  return typeof propertyOf(result, 'headers') === 'object';
}

/** Returns an address without its query, user and password, which must not appear in a message. */
function withoutSecrets(url: string): string {
  const { origin, pathname } = URL.canParse(url) ? new URL(url) : { origin: '', pathname: '' };
  return `${origin}${pathname}`;
}
