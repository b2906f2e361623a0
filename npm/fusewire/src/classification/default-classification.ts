import { impliedOutcome } from '../errors/error-class.ts';
import { FAILURE, IGNORED, MISUSE, SUCCESS, TIMEOUT } from './classification.ts';
import type { Classification } from './classification.ts';
import { isClientErrorStatus, statusOf } from './http-status.ts';

/** Returns how an error counts where no classifier decides. */
export function classifyErrorByDefault(error: unknown): Classification {
  switch (impliedOutcome(error)) {
    case 'misuse':
      return MISUSE;
    case 'rejection':
      return IGNORED;
    case 'timeout':
      return TIMEOUT;
  }
  if (typeof error !== 'object' || error === null) return FAILURE;
  try {
    if ((error as { readonly name?: unknown }).name === 'TimeoutError') return TIMEOUT;
    return isClientErrorStatus(statusOf(error)) ? IGNORED : FAILURE;
  } catch {
    // A revoked proxy, say.
    return FAILURE;
  }
}

/** Returns how a value counts where no classifier decides: a `Response` by its status, every other value as a success. */
export function classifyValueByDefault(value: unknown): Classification {
  return typeof value === 'object' && value !== null && isFailedResponse(value) ? FAILURE : SUCCESS;
}

/** Whether a value is a response of `fetch`, of any realm or package, with the status 429 or 5xx. */
function isFailedResponse(value: object): boolean {
  try {
    const { status } = value as { readonly status?: unknown };
    if (typeof status !== 'number' || (status !== 429 && !(status >= 500 && status < 600))) return false;
    const { ok, headers } = value as { readonly ok?: unknown; readonly headers?: unknown };
    if (typeof ok !== 'boolean' || typeof headers !== 'object' || headers === null) return false;
    return typeof (headers as { readonly get?: unknown }).get === 'function';
  } catch {
    return false;
  }
}
