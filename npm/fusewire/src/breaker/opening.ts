import { EXPLAIN, EXPLAIN_LENGTH } from '../engine/codes.ts';
import type { Backend } from '../engine/backend.ts';
import { reasonName } from '../engine/names.ts';
import type { TransitionReason } from '../engine/names.ts';
import { numberOrNull } from '../engine/readings.ts';
import type { CircuitBreakerOptions } from './options.ts';
import { windowOf } from './window.ts';
import type { Window } from './window.ts';
import type { ErrorSummary } from './error-summary.ts';
import type { OpeningReason } from '../errors/circuit-open-error.ts';

/** Decision that opened a circuit, for the errors of its rejections and for the log. */
export interface Opening extends Omit<OpeningReason, 'nextAttempt'> {
  /** The decision and its numbers in words. */
  readonly text: string;
}

/** Opening by an operator, who holds the circuit open. */
export const FORCED_OPENING: Opening = {
  rule: 'override',
  observed: null,
  threshold: null,
  lastError: null,
  text: 'an operator holds it open',
};

const row = new Float64Array(EXPLAIN_LENGTH);

/** Circuit whose opening is read. */
interface OpenedCircuit {
  readonly backend: Backend;
  readonly handle: number;
  readonly lastErrorSummary: ErrorSummary | null;
  readonly options: CircuitBreakerOptions;
}

/** Returns the decision behind the last transition of a circuit, which has just opened. */
export function readOpening(circuit: OpenedCircuit, now: number): Opening {
  circuit.backend.explain(circuit.handle, now, row);
  const rule = reasonName(row[EXPLAIN.reason] as number);
  const observed = numberOrNull(row[EXPLAIN.observed] as number);
  const threshold = numberOrNull(row[EXPLAIN.threshold] as number);
  const last = circuit.lastErrorSummary;
  const lastError = last && `${last.name}: ${last.message}`;
  const words = describeDecision(rule, observed, threshold, windowOf(circuit.options));
  const text = lastError === null ? words : `${words}; last error: ${lastError}`;
  return { rule, observed, threshold, lastError, text };
}

/** Sentence of each rule, with the observed value in place of `#` and the window in place of `@`. Other reasons are their own words. */
const SENTENCES: { readonly [Rule in TransitionReason]?: string } = {
  'failure-threshold': '# failures @',
  'consecutive-failures': '# failures in a row',
  'failure-rate': '#% of the calls failed @',
  'slow-call-rate': '#% of the calls were slow @',
  'open-for': 'an error asked for it',
  'probe-failed': 'a probe failed',
  'probe-expired': 'a probe got no answer',
  'probe-failure-rate': '#% of the probes failed',
  override: 'an operator changed it',
  manual: 'it was opened by hand',
  restored: 'it was open in the snapshot',
  predicted: 'a threshold was about to be reached',
};

/** Returns a decision in words, such as `5 failures in a row (threshold 5)`. */
function describeDecision(
  rule: TransitionReason,
  observed: number | null,
  threshold: number | null,
  window: Window,
): string {
  const sentence = SENTENCES[rule] ?? rule;
  const isRate = sentence.startsWith('#%');
  if (!sentence.startsWith('#')) return sentence;
  if (observed === null) return rule;
  const limit = threshold === null ? '' : ` (threshold ${isRate ? percent(threshold) : rounded(threshold)})`;
  const words = observed === 1 && !isRate ? sentence.replace('failures', 'failure') : sentence;
  const value = isRate ? percent(observed) : String(rounded(observed));
  return words.replace(/^#%?/, value).replace('@', describeWindow(window)) + limit;
}

function describeWindow(window: Window): string {
  return window.type === 'time' ? `in ${rounded(window.duration / 1_000)} s` : `in the last ${window.size} calls`;
}

function percent(share: number): string {
  return `${rounded(share * 100)} %`;
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}
