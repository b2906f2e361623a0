import { readRetryAfter } from 'fusewire/kit';
import type { Outcome, Verdict } from 'fusewire';
import { classifyRateLimit } from './rate-limits.ts';

/** Error response of n8n. */
export class N8NError extends Error {
  /** HTTP status of the response. */
  readonly status: number;
  /** Whether the same call may succeed later. */
  readonly retriable: boolean;

  constructor(message: string, status: number, retriable: boolean) {
    super(message);
    this.status = status;
    this.retriable = retriable;
  }
}

/** Response of n8n with a status from 500: the call may be repeated. */
export class N8NServerError extends N8NError {
  constructor(message: string, status: number = 500) {
    super(message, status, true);
  }
}

/** Response of n8n with the status 429: the call may be repeated, but not at once. */
export class N8NRateLimitError extends N8NError {
  /** Milliseconds of `Retry-After`; undefined without it. */
  readonly retryAfter: number | undefined;

  constructor(message: string, retryAfter?: number) {
    super(message, 429, true);
    this.retryAfter = retryAfter;
  }
}

/** Response of n8n with another status from 400: the same call will fail again. */
export class N8NClientError extends N8NError {
  constructor(message: string, status: number = 400) {
    super(message, status, false);
  }
}

// Bundlers rename classes: the names are set by hand.
for (const [name, Class] of Object.entries({ N8NError, N8NServerError, N8NRateLimitError, N8NClientError })) {
  Object.defineProperty(Class.prototype, 'name', { value: name, configurable: true, writable: true });
}

/**
 * Returns the error of a response of `fetch` or axios; undefined for a status below 400.
 *
 * @throws {TypeError} if `response` has no status, such as an error of axios instead of its `response`.
 */
export function n8nErrorOf(response: {
  readonly status: number;
  readonly statusText?: string | undefined;
  readonly headers?: unknown;
}): N8NError | undefined {
  const { status, statusText } = response ?? {};
  if (typeof status !== 'number') throw new TypeError('n8nErrorOf takes a response of fetch or axios, with its status');
  if (!(status >= 400)) return undefined;
  const message = `N8N API error: ${status}${statusText ? ` ${statusText}` : ''}`;
  if (status >= 500) return new N8NServerError(message, status);
  if (status === 429) return new N8NRateLimitError(message, readRetryAfter(response));
  return new N8NClientError(message, status);
}

/** Whether the same call may succeed later: false only for an {@link N8NClientError}. */
export function isRetriable(error: unknown): boolean {
  return !(error instanceof N8NError) || error.retriable;
}

/**
 * Classifies outcomes of n8n, for the option `classify`: an {@link N8NClientError} is ignored, and a rate limit with
 * `Retry-After` opens the circuit for that time.
 */
export function classifyN8NError(outcome: Outcome): Verdict {
  if (!('error' in outcome)) return undefined;
  const { error } = outcome;
  if (error instanceof N8NClientError) return 'ignore';
  if (!(error instanceof N8NRateLimitError)) return classifyRateLimit(outcome);
  const { retryAfter = 0 } = error;
  return retryAfter > 0 ? { openFor: retryAfter, retryAfter } : undefined;
}
