import { readRetryAfter } from 'fusewire/kit';
import type { Outcome, Verdict } from 'fusewire';

const TOO_MANY_REQUESTS = 429;

/** Classifies outcomes, for the option `classify`: a 429 with `Retry-After` opens the circuit for that time. */
export function classifyRateLimit(outcome: Outcome): Verdict {
  if (!('error' in outcome)) return undefined;
  const { error } = outcome;
  const { status, response } = (error ?? {}) as { status?: unknown; response?: { status?: unknown } | null };
  if ((status ?? response?.status) !== TOO_MANY_REQUESTS) return undefined;
  const openFor = readRetryAfter(error);
  return openFor !== undefined && openFor > 0 ? { openFor } : undefined;
}
