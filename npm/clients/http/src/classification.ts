import { CallTimeoutError, isRejection } from 'fusewire';
import { readRetryAfter } from 'fusewire/kit';
import { isCertificateCode, kindOfCode } from './codes.ts';
import { classifyDatabaseCode, classifyDatabaseError } from './databases.ts';
import { HttpError } from './errors.ts';
import type { ErrorKind } from './errors.ts';
import { codesOf, headerOf, linkedErrors, messageOf, ownStatusOf, propertyOf, statusOf } from './linked-errors.ts';

/** Kind of an error or a response, and whether the request is worth another attempt. */
export interface Classification {
  readonly kind: ErrorKind;
  /** Whether the same request may succeed later. */
  readonly retriable: boolean;
  readonly status?: number | undefined;
  /** Milliseconds that the dependency asks to wait. */
  readonly retryAfter?: number | undefined;
  /** Whether the work may have happened although the call failed; undefined if the rules of fusewire decide. */
  readonly outcomeUnknown?: boolean | undefined;
}

/** Reads the wall clock: milliseconds since 1970. */
export type Now = () => number;

/**
 * Returns the classification of an error, or undefined for an unknown error. The outermost linked error that is known
 * decides. An abort decides only if nothing further inside is known, because a timeout may have caused it.
 */
export function classifyError(error: unknown, now: Now = Date.now): Classification | undefined {
  let abort: Classification | undefined;
  for (const link of linkedErrors(error)) {
    const classification = classifyLink(link, now);
    if (classification === undefined) continue;
    if (classification.kind !== 'aborted') return classification;
    abort ??= classification;
  }
  return abort;
}

/**
 * Returns the classification of a response, or of the response of an error, by its status. Returns undefined without a status
 * and below 400. Its header `x-should-retry` decides whether it is retriable, if it is `true` or `false`.
 */
export function classifyResponse(source: unknown, now: Now): Classification | undefined {
  const status = statusOf(source);
  const classification = status === undefined ? undefined : classifyStatus(status, readRetryAfter(source, now));
  return classification && { ...classification, retriable: shouldRetry(source) ?? classification.retriable };
}

/** Returns the classification of a value that is a response with a status of 400 and above; undefined for other values. */
export function classifyResult(value: unknown, now: Now): Classification | undefined {
  return isResponse(value) ? classifyResponse(value, now) : undefined;
}

/** Whether a value is a response of any client: it has headers and a status of its own. */
export function isResponse(value: unknown): boolean {
  const headers = propertyOf(value, 'headers');
  return typeof headers === 'object' && headers !== null && ownStatusOf(value) !== undefined;
}

/** Returns whether a response asks to be repeated by its header `x-should-retry`, or undefined if it does not say. */
export function shouldRetry(source: unknown): boolean | undefined {
  const header = headerOf(source, 'x-should-retry');
  return header === 'true' ? true : header === 'false' ? false : undefined;
}

/** Returns the classification of an HTTP status, or undefined below 400. */
function classifyStatus(status: number, retryAfter: number | undefined): Classification | undefined {
  if (status >= 500) return { kind: 'server', retriable: !PERMANENT_5XX.has(status), status, retryAfter };
  if (status === 429) return { kind: 'rate-limit', retriable: true, status, retryAfter };
  if (status >= 400) return { kind: 'client', retriable: RETRIABLE_4XX.has(status), status, retryAfter };
  return undefined;
}

/** Not implemented, version not supported, loop detected, not extended: the next attempt gets the same status. */
const PERMANENT_5XX = new Set([501, 505, 508, 510]);
/** Request timeout, too early. */
const RETRIABLE_4XX = new Set([408, 425]);

/** Messages of the size limits of axios, which have no code of their own. */
const SIZE_LIMIT_MESSAGE = /^(maxContentLength size of|Request body larger than maxBodyLength)/;

const networkErrors = new WeakSet<object>();

/** Marks an unknown error as a network error. Outside of Node, `fetch` gives network errors no code. */
export function markAsNetworkError(error: unknown): void {
  if (typeof error === 'object' && error !== null && classifyError(error) === undefined) networkErrors.add(error);
}

const invalidRequests = new WeakSet<object>();

/** Marks an error as that of an invalid request, which `fetch` has rejected without sending it. */
export function markAsInvalid(error: unknown): void {
  if (typeof error === 'object' && error !== null) invalidRequests.add(error);
}

function classifyLink(link: object, now: Now): Classification | undefined {
  if (invalidRequests.has(link)) return { kind: 'invalid', retriable: false };
  if (networkErrors.has(link)) return { kind: 'network', retriable: true };
  if (link instanceof HttpError) {
    const { kind, retriable, status, retryAfter } = link;
    return { kind, retriable, status, retryAfter };
  }
  if (isRejection(link)) return { kind: 'rejected', retriable: false };
  if (link instanceof CallTimeoutError) return { kind: 'timeout', retriable: true };
  return classifyResponse(link, now) ?? classifyByCode(link) ?? classifyByName(link) ?? classifyDatabaseError(link);
}

function classifyByCode(link: object): Classification | undefined {
  for (const code of codesOf(link)) {
    const kind = SIZE_LIMIT_MESSAGE.test(messageOf(link)) ? 'limit' : kindOfCode(code);
    if (kind !== undefined) return { kind, retriable: isRetriableKind(kind) && !isCertificateCode(code) };
    const classification = classifyDatabaseCode(code, messageOf(link));
    if (classification !== undefined) return classification;
  }
  return undefined;
}

function classifyByName(link: object): Classification | undefined {
  switch (propertyOf(link, 'name')) {
    case 'TimeoutError':
      return { kind: 'timeout', retriable: true };
    case 'HTTPParserError':
      return { kind: 'network', retriable: true };
    case 'AbortError':
    case 'CanceledError':
      return { kind: 'aborted', retriable: false };
    default:
      return undefined;
  }
}

function isRetriableKind(kind: ErrorKind): boolean {
  return kind === 'network' || kind === 'timeout';
}
