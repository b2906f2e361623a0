import { impliedOutcome } from '../errors/error-class.ts';
import { statusOf } from './http-status.ts';

/** Codes of errors after which the work may have happened. A code that ends with `*` matches every code with that prefix. */
const UNKNOWN_CODES = [
  ...[
    'ABORT_ERR',
    'ECONNABORTED',
    'ECONNRESET',
    'ENETRESET',
    'ENOTCONN',
    'EPIPE',
    'ESOCKETTIMEDOUT',
    'ETIME',
    'ETIMEDOUT',
  ],
  ...['ERR_HTTP2_*', 'ERR_HTTP_REQUEST_TIMEOUT', 'ERR_NETWORK', 'ERR_SOCKET_CLOSED', 'ERR_STREAM_PREMATURE_CLOSE'],
  ...[
    'HPE_*',
    'UND_ERR_ABORTED',
    'UND_ERR_BODY_TIMEOUT',
    'UND_ERR_CLOSED',
    'UND_ERR_DESTROYED',
    'UND_ERR_HEADERS_TIMEOUT',
  ],
  ...['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_SOCKET'],
  // Those of Bun.
  ...['ConnectionClosed', 'ConnectionReset', 'Timeout'],
];

/** Codes of errors that prevent a connection, so that nothing was sent. */
const UNSENT_CODES = [
  ...['EADDRNOTAVAIL', 'EAI_*', 'ECONNREFUSED', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENETDOWN', 'ENETUNREACH', 'ENOTFOUND'],
  ...['ERR_SOCKET_CONNECTION_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ConnectionRefused', 'FailedToOpenSocket'],
];

/** Names of timeouts, aborts and broken connections, those of @fusewire/http included. */
const UNKNOWN_NAMES = ['AbortError', 'CanceledError', 'NetworkError', 'RequestTimeoutError', 'TimeoutError'];

/** Messages of broken connections whose errors have no code: of Node, pg, Chromium, Firefox, Safari, workerd and Deno. */
const UNKNOWN_MESSAGE = new RegExp(
  [
    ...['socket hang up', 'other side closed', 'Connection terminated unexpectedly', 'Failed to fetch'],
    ...['NetworkError when attempting to fetch', 'Load failed', 'Network connection lost'],
    ...['error sending request(?!.*\\(Connect\\))', 'connection closed before message completed'],
  ].join('|'),
);

/** Most errors that are looked at; larger trees of causes are cut here. */
const MAX_ERRORS = 32;

/**
 * Whether the work may have happened although the call failed: after a timeout, an abort or a broken connection. The `cause` of an
 * error and the errors of an `AggregateError` decide first. An HTTP answer, and an error that prevented the connection, leave
 * nothing unknown.
 */
export function isOutcomeUnknown(error: unknown): boolean {
  return judge(error, new Set()) === true;
}

/** Returns whether the outcome is unknown, or undefined if the error and its causes do not tell. */
function judge(error: unknown, seen: Set<object>): boolean | undefined {
  if (typeof error !== 'object' || error === null || seen.has(error) || seen.size >= MAX_ERRORS) return undefined;
  seen.add(error);
  const implied = impliedOutcome(error);
  if (implied !== undefined) return implied === 'timeout';
  return isAnswered(error) ? false : (judgeLinked(error, seen) ?? judgeItself(error));
}

/** Whether an error has the status of an HTTP answer. A client in a browser reports a broken connection with the status 0. */
function isAnswered(error: object): boolean {
  try {
    return (statusOf(error) ?? 0) > 0;
  } catch {
    return false;
  }
}

function judgeLinked(error: object, seen: Set<object>): boolean | undefined {
  const errors = propertyOf(error, 'errors');
  const links = [propertyOf(error, 'cause'), ...(Array.isArray(errors) ? (errors as unknown[]) : [])];
  const found = links.map((link) => judge(link, seen));
  return found.includes(true) || (found.includes(false) ? false : undefined);
}

function judgeItself(error: object): boolean | undefined {
  const code = propertyOf(error, 'code');
  if (propertyOf(error, 'syscall') === 'connect' || matches(code, UNSENT_CODES)) return false;
  if (matches(code, UNKNOWN_CODES) || matches(propertyOf(error, 'name'), UNKNOWN_NAMES)) return true;
  const message = propertyOf(error, 'message');
  return (typeof message === 'string' && UNKNOWN_MESSAGE.test(message)) || undefined;
}

/** Returns a property of an error of any class, or undefined if its getter throws. */
function propertyOf(error: object, name: string): unknown {
  try {
    return (error as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

function matches(text: unknown, patterns: readonly string[]): boolean {
  if (typeof text !== 'string') return false;
  return patterns.some((pattern) => (pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern));
}
