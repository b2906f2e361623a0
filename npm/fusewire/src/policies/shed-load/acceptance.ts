import { CallTimeoutError } from '../../errors/call-timeout-error.ts';
import { isMisuse } from '../../errors/misuse.ts';
import { isRejection } from '../../errors/rejected-error.ts';
import { isOverloadStatus, statusOf } from '../http-status.ts';

/**
 * Default of the option `isAccepted`: whether the dependency accepted a call that rejected with `error`. Accepted are a
 * status from 400 to 499 other than 408 and 429, an abort by the caller, and a rejection by a policy or a breaker inside.
 */
export function isAcceptedByDefault(error: unknown): boolean {
  if (isRejection(error) || isMisuse(error)) return true;
  if (error instanceof CallTimeoutError) return false;
  if ((error as { name?: unknown } | null | undefined)?.name === 'AbortError') return true;
  const status = statusOf(error);
  return status !== undefined && status >= 400 && status < 500 && !isOverloadStatus(status);
}
