import type { Explanation } from 'fusewire';
import { duration, percent } from './format.ts';
import type { Breaker, Hold, State } from './model.ts';

/** Names of the states for people. */
export const STATE_WORDS: Readonly<Record<State, string>> = { CLOSED: 'closed', OPEN: 'open', HALF_OPEN: 'half-open' };

/** Numbers behind a decision, as JSON has them. */
export type ExplanationJson = Omit<Explanation, 'at'> & { readonly at: string | null };

/** Returns why a circuit is as it is, and what comes next, in sentences. */
export function explain(explanation: ExplanationJson, now: number): string[] {
  const { state } = explanation;
  const sentences = [becauseOf(explanation, now)];
  if (state === 'OPEN') sentences.push(nextAttempt(explanation));
  else if (state === 'HALF_OPEN') sentences.push(probing(explanation));
  else sentences.push(...rules(explanation));
  return sentences.filter((sentence) => sentence !== '');
}

/** Returns an override as a sentence. */
export function holdInWords({ kind, holder, reason, until }: Hold, now: number): string {
  const what = {
    FORCED_OPEN: 'holds the circuit open',
    FORCED_CLOSED: 'holds the circuit closed',
    SHADOW: 'keeps it in shadow mode',
  }[kind];
  const end = until === null ? 'until released' : `for ${duration(Date.parse(until) - now)} more`;
  return `${holder} ${what} ${end}: ${reason}`;
}

/** Returns what matters most about a breaker in a list. */
export function remark({ state, override, holds, retryAfter, stats }: Breaker, now: number): string {
  const [hold] = holds;
  if (hold !== undefined) return holdInWords(hold, now);
  if (override !== 'NONE') return `Held by the program (${override.toLowerCase().replace('_', ' ')})`;
  if (state === 'CLOSED') return '';
  const next =
    retryAfter === null || retryAfter === 0 ? 'next call is a probe' : `next attempt in ${duration(retryAfter)}`;
  return stats.lastError === null ? next : `${next} · ${stats.lastError.message}`;
}

function becauseOf({ reason, observed, threshold, at }: ExplanationJson, now: number): string {
  if (at === null) return 'Nothing has changed since the start.';
  const ago = `${duration(now - Date.parse(at))} ago`;
  switch (reason) {
    case 'failure-threshold':
      return `Opened ${ago}: ${observed} failures in the window (threshold ${threshold}).`;
    case 'consecutive-failures':
      return `Opened ${ago}: ${observed} failures in a row (threshold ${threshold}).`;
    case 'failure-rate':
      return `Opened ${ago}: ${percent(observed ?? 0)} of the calls failed (threshold ${percent(threshold ?? 0)}).`;
    case 'slow-call-rate':
      return `Opened ${ago}: ${percent(observed ?? 0)} of the calls were slow (threshold ${percent(threshold ?? 0)}).`;
    case 'probe-failed':
    case 'probe-failure-rate':
      return `Opened again ${ago}: a probe failed.`;
    case 'probe-expired':
      return `Opened again ${ago}: a probe got no answer.`;
    case 'open-time-elapsed':
      return `Began to probe ${ago}, when the open time had passed.`;
    case 'probes-succeeded':
      return `Closed ${ago}: the probes succeeded.`;
    case 'open-for':
      return `Opened ${ago}: the dependency asked to wait.`;
    case 'override':
      return `An operator changed it ${ago}.`;
    case 'reset':
      return `An operator reset it ${ago}.`;
    default:
      return `Changed ${ago} (${reason}).`;
  }
}

function nextAttempt({ retryAfter }: ExplanationJson): string {
  if (retryAfter === null) return 'It stays open until it is released.';
  return retryAfter === 0 ? 'The next call is a probe.' : `The next attempt is in ${duration(retryAfter)}.`;
}

function probing({ probesInFlight, probeSuccesses, probesRequired }: ExplanationJson): string {
  return `${probeSuccesses} of ${probesRequired} probes have succeeded; ${probesInFlight} are in flight.`;
}

function rules(explanation: ExplanationJson): string[] {
  const { calls, failures, slowCalls, consecutiveFailures, minimumCalls } = explanation;
  const found = [
    explanation.failureThreshold !== null &&
      `${failures} failures in the window; it opens at ${explanation.failureThreshold}.`,
    explanation.consecutiveFailureThreshold !== null &&
      `${consecutiveFailures} failures in a row; it opens at ${explanation.consecutiveFailureThreshold}.`,
    explanation.failureRateThreshold !== null &&
      `${failures} of ${calls} calls failed; it opens at ${percent(explanation.failureRateThreshold)} of at least ${minimumCalls}.`,
    explanation.slowCallRateThreshold !== null &&
      `${slowCalls} of ${calls} calls were slow; it opens at ${percent(explanation.slowCallRateThreshold)} of at least ${minimumCalls}.`,
  ];
  return found.filter((sentence) => sentence !== false);
}
