import { readOptions } from 'fusewire/kit';
import type { Judgement, Outcome, Verdict } from 'fusewire';
import type { OptionsReader } from 'fusewire/kit';
import { classifyError, classifyResult } from './classification.ts';
import type { Classification, Now } from './classification.ts';
import { classifierOfRules } from './rules.ts';
import type { Classifier, Rules } from './rules.ts';

/** Limits for a `Retry-After`, and the clock that it is compared with. */
export interface ClassificationOptions {
  /** Longest time in milliseconds for which a `Retry-After` opens a circuit: 1 to 31 536 000 000. Default 300 000. */
  readonly maxOpenTime?: number | undefined;
  /**
   * Longest `Retry-After` in milliseconds that a retry waits for: 0 to 2 147 483 647. A request whose response asks for a
   * longer wait is not repeated. Default 30 000.
   */
  readonly maxRetryAfter?: number | undefined;
  /** Returns the wall clock in milliseconds since 1970, for a `Retry-After` that is a date. Default: `Date.now`. */
  readonly now?: Now | undefined;
}

const LONGEST_OPEN_TIME = 31_536_000_000;

/**
 * Returns the option `classify` for the errors and the responses of fetch, undici, axios, got and node:http. Given to a
 * pipeline, it holds for each of its parts: breaker, retry, fallback, cache and limits.
 *
 * - 5xx, 429, network errors and timeouts are failures. 429, 503 and 529 with a `Retry-After` open the circuit for that
 *   long, and a retry waits for it.
 * - Other 4xx, aborts by the caller, limits of the client and invalid requests are ignored.
 * - A response that is returned as a value counts by the same statuses, except that other 4xx are successes.
 * - An unknown error is a failure. A retry does not repeat it.
 * - A retry repeats a request that timed out or lost its connection only with its option `idempotent`.
 *
 * ```ts
 * const orders = pipeline({ classify: http({ 404: 'success' }), retry: 4, breaker: { name: 'orders' } });
 * ```
 *
 * @param rules verdicts by status or code, which precede all of that.
 * @throws {TypeError} with everything that is wrong with the rules.
 * @throws {OptionsError} with everything that is wrong with the options.
 */
export function http(rules: Rules = {}, options: ClassificationOptions = {}): Classifier {
  return classifierFor('http', rules, options);
}

/**
 * Returns the option `classify` for the errors of pg, ioredis and Prisma, and of the connections below them.
 *
 * - Lost connections, timeouts, and a server that is overloaded, starting or out of resources are failures.
 * - A query that is at fault itself is ignored: a syntax error, a violated constraint, a missing row. So are deadlocks and
 *   serialization conflicts, which a retry repeats.
 * - An unknown error is a failure. A retry does not repeat it. Every value is a success.
 * - A retry repeats a query that timed out or lost its connection only with its option `idempotent`.
 *
 * ```ts
 * const database = pipeline({ classify: databases({ 23505: 'success' }), retry: 3, breaker: { name: 'pg' } });
 * ```
 *
 * @param rules verdicts by code, which precede all of that.
 * @throws {TypeError} with everything that is wrong with the rules.
 */
export function databases(rules: Rules = {}): Classifier {
  const classify = classifierFor('databases', rules, {});
  return (outcome) => ('error' in outcome ? classify(outcome) : 'success');
}

function classifierFor(caller: string, rules: Rules, options: ClassificationOptions): Classifier {
  const byRules = classifierOfRules(caller, rules);
  const reader = readOptions('Classifier', caller, options);
  const settings = readClassification(reader);
  reader.finish();
  const classify = classifierOf(settings);
  return Object.keys(rules).length === 0 ? classify : (outcome) => byRules(outcome) ?? classify(outcome);
}

/** Validated options of a classification. */
export interface ClassificationSettings {
  readonly maxOpenTime: number;
  readonly maxRetryAfter: number;
  readonly now: Now;
}

/** Reads the options of a classification from a reader that also has others. */
export function readClassification(reader: OptionsReader): ClassificationSettings {
  const openTime = `a number of milliseconds from 1 to ${LONGEST_OPEN_TIME}`;
  return {
    maxOpenTime: reader.number('maxOpenTime', 1, LONGEST_OPEN_TIME, openTime) ?? 300_000,
    maxRetryAfter: reader.milliseconds('maxRetryAfter', 0) ?? 30_000,
    now: (reader.callable('now') as Now | undefined) ?? Date.now,
  };
}

/** Returns the classifier for validated options. */
export function classifierOf(settings: ClassificationSettings): Classifier {
  const { now } = settings;
  return (outcome: Outcome) =>
    'error' in outcome
      ? verdictOnError(classifyError(outcome.error, now), settings)
      : verdictOnResponse(classifyResult(outcome.value, now), settings);
}

/** Verdict on an error that nothing is known of. */
const UNKNOWN: Judgement = { verdict: 'failure', retry: false };

function verdictOnError(classification: Classification | undefined, settings: ClassificationSettings): Verdict {
  if (classification === undefined) return UNKNOWN;
  const isFailure = FAILED_KINDS.has(classification.kind);
  if (isFailure || classification.retriable) return judge(isFailure ? 'failure' : 'ignore', classification, settings);
  return 'ignore';
}

/** A response that reports a mistake of the caller is a success: the caller gets it, and decides. */
function verdictOnResponse(classification: Classification | undefined, settings: ClassificationSettings): Verdict {
  if (classification === undefined) return undefined;
  if (FAILED_KINDS.has(classification.kind)) return judge('failure', classification, settings);
  return classification.retriable ? judge('ignore', classification, settings) : undefined;
}

const FAILED_KINDS: ReadonlySet<Classification['kind']> = new Set(['server', 'rate-limit', 'network', 'timeout']);

/** Returns a verdict, with the advice that differs from that of a plain verdict. */
function judge(
  verdict: 'failure' | 'ignore',
  classification: Classification,
  settings: ClassificationSettings,
): Verdict {
  const { retriable, retryAfter, outcomeUnknown } = classification;
  const opens = verdict === 'failure' ? openTime(classification, settings.maxOpenTime) : undefined;
  const repeats = retriable && (retryAfter ?? 0) <= settings.maxRetryAfter;
  const retry = repeats === (verdict === 'failure') ? undefined : repeats;
  if ([opens, retry, retryAfter, outcomeUnknown].every((advice) => advice === undefined)) return verdict;
  return {
    verdict,
    ...(opens !== undefined && { openFor: opens }),
    ...(retry !== undefined && { retry }),
    ...(retryAfter !== undefined && repeats && { retryAfter }),
    ...(outcomeUnknown !== undefined && { outcomeUnknown }),
  };
}

/** Statuses of an overloaded dependency. 529 is no registered status, but some APIs use it so. */
const OVERLOAD_STATUSES: ReadonlySet<number | undefined> = new Set([429, 503, 529]);

/** Returns for how long an overload with a `Retry-After` opens the circuit, in milliseconds. */
function openTime({ status, retryAfter = 0 }: Classification, maxOpenTime: number): number | undefined {
  return OVERLOAD_STATUSES.has(status) && retryAfter > 0 ? Math.min(retryAfter, maxOpenTime) : undefined;
}
