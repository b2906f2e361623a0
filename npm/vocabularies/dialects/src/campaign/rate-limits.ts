import { readRetryAfter } from 'fusewire/kit';
import type { Verdict } from 'fusewire';

const TOO_MANY_REQUESTS = 429;

/** Classifies errors, for the option `classify`: a 429 with `Retry-After` opens the circuit for that time. */
export function classifyRateLimit(error: unknown): Verdict | undefined {
  const { status, response } = (error ?? {}) as { status?: unknown; response?: { status?: unknown } | null };
  if ((status ?? response?.status) !== TOO_MANY_REQUESTS) return undefined;
  const openFor = readRetryAfter(error);
  return openFor !== undefined && openFor > 0 ? { openFor } : undefined;
}
