import { isCallTimeoutError, isRejection, readRetryAfter } from 'fusewire';
import { chainOf, codesOf, messageOf, propertyOf, statusOf } from './chain.ts';
import { isOfCertificate, kindOfCode } from './codes.ts';
import { findingOfDatabaseCode, findingOfDatabaseError } from './databases.ts';
import { isHttpError } from './errors.ts';
import type { ErrorKind } from './errors.ts';

/** What is found in an error, or in a response. */
export interface Finding {
  readonly kind: ErrorKind;
  /** Whether the same request may succeed later. */
  readonly retriable: boolean;
  readonly status?: number | undefined;
  /** Milliseconds that the dependency asks to wait. */
  readonly retryAfter?: number | undefined;
}

/** Reads the wall clock: milliseconds since 1970. */
export type Now = () => number;

/**
 * What an error says about a request: the outermost link of its chain that says something. An abort says least: the reason
 * for it may be a timeout further inside.
 */
export function find(error: unknown, now: Now = Date.now): Finding | undefined {
  let abort: Finding | undefined;
  for (const link of chainOf(error)) {
    const finding = findIn(link, now);
    if (finding === undefined) continue;
    if (finding.kind !== 'aborted') return finding;
    abort ??= finding;
  }
  return abort;
}

/** What a status says; undefined below 400. */
export function findInStatus(status: number, retryAfter: number | undefined): Finding | undefined {
  if (status >= 500) return { kind: 'server', retriable: !NOT_LATER.has(status), status, retryAfter };
  if (status === 429) return { kind: 'rate-limit', retriable: true, status, retryAfter };
  if (status >= 400) return { kind: 'client', retriable: LATER.has(status), status, retryAfter };
  return undefined;
}

/** Milliseconds that an error or a response asks to wait, if that is a time. */
export function waitOf(given: unknown, now: Now): number | undefined {
  const wait = readRetryAfter(given, now);
  return wait !== undefined && wait >= 0 ? wait : undefined;
}

/** Not implemented, version not supported, loop, not extended: these will be so later. */
const NOT_LATER = new Set([501, 505, 508, 510]);
/** Request timeout, too early. */
const LATER = new Set([408, 425]);

/** axios has no code of its own for its limits. */
const OF_A_LIMIT = /^(maxContentLength size of|Request body larger than maxBodyLength)/;

const ofTheNetwork = new WeakSet<object>();

/** Has an error of which nothing else is known mean that of the network: outside of Node fetch gives none a code. */
export function knowAsNetwork(error: unknown): void {
  if (typeof error === 'object' && error !== null && find(error) === undefined) ofTheNetwork.add(error);
}

function findIn(link: object, now: Now): Finding | undefined {
  if (ofTheNetwork.has(link)) return { kind: 'network', retriable: true };
  if (isHttpError(link)) {
    const { kind, retriable, status, retryAfter } = link;
    return { kind, retriable, status, retryAfter };
  }
  if (isRejection(link)) return { kind: 'rejected', retriable: false };
  if (isCallTimeoutError(link)) return { kind: 'timeout', retriable: true };
  return findByStatus(link, now) ?? findByCode(link) ?? findByName(link) ?? findingOfDatabaseError(link);
}

function findByStatus(link: object, now: Now): Finding | undefined {
  const status = statusOf(link);
  return status === undefined ? undefined : findInStatus(status, waitOf(link, now));
}

function findByCode(link: object): Finding | undefined {
  for (const code of codesOf(link)) {
    const kind = OF_A_LIMIT.test(messageOf(link)) ? 'limit' : kindOfCode(code);
    if (kind !== undefined) return { kind, retriable: isRetriableKind(kind) && !isOfCertificate(code) };
    const finding = findingOfDatabaseCode(code, messageOf(link));
    if (finding !== undefined) return finding;
  }
  return undefined;
}

function findByName(link: object): Finding | undefined {
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
