import { isCallTimeoutError, isRejection } from '../errors.ts';

/** The statuses of HTTP of 4xx with which a server says that it is too busy for a request, and not that the request is wrong. */
const TOO_BUSY: readonly unknown[] = [408, 429];

/**
 * Whether an error shows that the dependency took a call on, or says nothing about it: the caller's own mistake, which is
 * a status of 4xx other than 408 and 429; the caller's own abort; a rejection by a policy or a breaker.
 */
export function isTakenOn(error: unknown): boolean {
  if (isRejection(error)) return true;
  if (isCallTimeoutError(error)) return false;
  if ((error as { name?: unknown } | null | undefined)?.name === 'AbortError') return true;
  const status = statusOf(error);
  return status !== undefined && status >= 400 && status < 500 && !TOO_BUSY.includes(status);
}

/** The status of HTTP that an error tells: its `status`, its `statusCode`, or the `status` of its `response`. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, statusCode, response } = error as Readonly<Record<string, unknown>>;
  const told = status ?? statusCode ?? (response as { status?: unknown } | null | undefined)?.status;
  return typeof told === 'number' ? told : undefined;
}
