import type { Outcome, Verdict } from 'fusewire';
import { isResponse } from './classification.ts';
import { matches } from './codes.ts';
import { codesOf, linkedErrors, statusOf } from './linked-errors.ts';

/** Function for the option `classify` of a pipeline, a breaker or a policy: returns how an outcome counts. */
export type Classifier = (outcome: Outcome) => Verdict;

/**
 * Rules that precede the classification of {@link http} and {@link databases}. The key is an HTTP status, or a range such as
 * `'4xx'`. For errors it is a code, or the beginning of codes, such as `'UND_ERR_*'`. A status and a code precede a range.
 */
export type Rules = Readonly<Record<string, Verdict | Classifier>>;

const STATUS = /^[1-5]\d\d$/;
const RANGE = /^[1-5]xx$/;
/** Keys that look like a status, but are none. */
const NO_STATUS = /^\d{1,3}$|^\dxx$/i;

/**
 * Returns a classifier that goes by rules. It returns undefined where none matches.
 *
 * @throws {TypeError} with every key and every value that is not valid.
 */
export function classifierOfRules(caller: string, rules: Rules): Classifier {
  checkRules(caller, rules);
  const codes = Object.entries(rules).filter(([key]) => !STATUS.test(key) && !RANGE.test(key));
  return (outcome) => {
    const status = statusHolders(outcome)
      .map(statusOf)
      .find((each) => each !== undefined);
    const rule =
      (status === undefined ? undefined : rules[status]) ??
      ruleOfCode(codes, outcome) ??
      (status === undefined ? undefined : rules[`${Math.floor(status / 100)}xx`]);
    return typeof rule === 'function' ? rule(outcome) : rule;
  };
}

function ruleOfCode(rules: readonly (readonly [string, Verdict | Classifier])[], outcome: Outcome) {
  if (rules.length === 0 || !('error' in outcome)) return undefined;
  const found = linkedErrors(outcome.error)
    .flatMap(codesOf)
    .flatMap((code) => rules.filter(([pattern]) => matches(code, pattern)));
  return found[0]?.[1];
}

/** Returns what may have the status of an outcome: a response, or an error and every error linked to it. */
function statusHolders(outcome: Outcome): object[] {
  if ('error' in outcome) return linkedErrors(outcome.error);
  return isResponse(outcome.value) ? [outcome.value as object] : [];
}

function checkRules(caller: string, rules: unknown): void {
  if (typeof rules !== 'object' || rules === null) throw new TypeError(`${caller}: rules must be an object`);
  const problems = Object.entries(rules).flatMap(([key, rule]) => {
    if (key === '' || (NO_STATUS.test(key) && !STATUS.test(key) && !RANGE.test(key))) {
      return `the key ${JSON.stringify(key)} must be a status from 100 to 599, a range such as 4xx, or a code`;
    }
    if (isRule(rule)) return [];
    return `${key} must be 'failure', 'ignore', 'success', a judgement such as {openFor: milliseconds}, or a function`;
  });
  if (problems.length > 0) throw new TypeError(`${caller}: ${problems.join('; ')}`);
}

const JUDGEMENT_PROPERTIES: ReadonlySet<string> = new Set(['verdict', 'retry', 'retryAfter', 'outcomeUnknown']);

function isRule(rule: unknown): boolean {
  if (rule === undefined || typeof rule === 'function') return true;
  if (rule === 'failure' || rule === 'ignore' || rule === 'success') return true;
  if (typeof rule !== 'object' || rule === null || Object.keys(rule).length === 0) return false;
  const { openFor = 1, ...others } = rule as { readonly openFor?: unknown };
  const isOpenTime = typeof openFor === 'number' && openFor > 0 && Number.isFinite(openFor);
  return isOpenTime && Object.keys(others).every((property) => JUDGEMENT_PROPERTIES.has(property));
}
