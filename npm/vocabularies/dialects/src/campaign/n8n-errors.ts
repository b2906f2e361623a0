import { readRetryAfter } from 'fusewire';
import type { Verdict } from 'fusewire';
import { classifyRateLimit } from './rate-limits.ts';

/** An answer of n8n that is an error. */
export class N8NError extends Error {
  /** The status of the answer. */
  readonly status: number;
  /** Whether the same call may succeed later. */
  readonly retriable: boolean;

  constructor(message: string, status: number, retriable: boolean) {
    super(message);
    this.status = status;
    this.retriable = retriable;
  }
}

/** A status from 500: the call may be repeated. */
export class N8NServerError extends N8NError {
  constructor(message: string, status: number = 500) {
    super(message, status, true);
  }
}

/** The status 429: the call may be repeated, but not at once. */
export class N8NRateLimitError extends N8NError {
  /** Milliseconds to wait, where the answer says so. */
  readonly retryAfter: number | undefined;

  constructor(message: string, retryAfter?: number) {
    super(message, 429, true);
    this.retryAfter = retryAfter;
  }
}

/** Another status from 400: the same call will fail again. */
export class N8NClientError extends N8NError {
  constructor(message: string, status: number = 400) {
    super(message, status, false);
  }
}

// A bundler may rename the classes.
for (const [name, Class] of Object.entries({ N8NError, N8NServerError, N8NRateLimitError, N8NClientError })) {
  Object.defineProperty(Class.prototype, 'name', { value: name, configurable: true, writable: true });
}

/**
 * The error that an answer of n8n is, of `fetch` or of axios; undefined where its status is below 400.
 *
 * @throws {TypeError} if it has no status, such as an error of axios that was taken for its `response`.
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

/** Whether the same call may succeed later: unless it is an {@link N8NClientError}. */
export function isRetriable(error: unknown): boolean {
  return !(error instanceof N8NError) || error.retriable;
}

/**
 * What an error says about n8n, for the option `classify`: that the caller was wrong is no failure of n8n, and a rate limit
 * that says how long opens the circuit for so long.
 */
export function classifyN8NError(error: unknown): Verdict | undefined {
  return error instanceof N8NClientError ? 'ignore' : classifyRateLimit(error);
}
