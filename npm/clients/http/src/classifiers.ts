import type { Outcome, Verdict } from 'fusewire';
import { classifyError, classifyResult, isResponse } from './classification.ts';
import { matches } from './codes.ts';
import type { ErrorKind } from './errors.ts';
import { codesOf, linkedErrors, statusOf } from './linked-errors.ts';

/**
 * Function for the option `classify` of a pipeline, a breaker or a policy: returns how an outcome counts. If it returns undefined,
 * the next classifier decides, or the default does.
 */
export type Classifier = (outcome: Outcome) => Verdict;

/** Verdict on an outcome, or a classifier that returns one. */
export type Ruling = Verdict | Classifier;

/** HTTP status, such as `404`, or a range of a hundred, such as `'4xx'`. */
export type StatusPattern = number | `${1 | 2 | 3 | 4 | 5}xx`;

/** Returns a classifier that tries several in order and takes the first verdict. */
export function firstOf(...classifiers: readonly Classifier[]): Classifier {
  return (outcome) => {
    for (const classify of classifiers) {
      const verdict = classify(outcome);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  };
}

/**
 * Returns a classifier by HTTP status: that of a response, of an error, of its `response`, or of an error linked to it. A single
 * status takes precedence over a range.
 *
 * ```ts
 * const classify = firstOf(byStatus({ 404: 'success', '5xx': 'failure' }), http().classify);
 * ```
 *
 * @throws {TypeError} with every key that is no status and every value that is no ruling.
 */
export function byStatus(rulings: { readonly [Status in StatusPattern]?: Ruling }): Classifier {
  checkRulings('byStatus', rulings, 'a status such as 404 or 4xx', (status) => /^[1-5](\d\d|xx)$/.test(status));
  const byPattern = rulings as Readonly<Record<string, Ruling>>;
  return (outcome) => {
    for (const link of statusHolders(outcome)) {
      const status = statusOf(link);
      if (status === undefined) continue;
      return applyRuling(byPattern[status] ?? byPattern[`${Math.floor(status / 100)}xx`], outcome);
    }
    return undefined;
  };
}

/**
 * Returns a classifier by the code of an error or of an error linked to it. `'UND_ERR_*'` matches every code with that prefix.
 *
 * @throws {TypeError} with every value that is no ruling.
 */
export function byCode(rulings: Readonly<Record<string, Ruling>>): Classifier {
  checkRulings('byCode', rulings, 'a non-empty code', (code) => code !== '');
  const entries = Object.entries(rulings);
  return (outcome) => {
    for (const code of errorsOf(outcome).flatMap(codesOf)) {
      const found = entries.find(([pattern]) => matches(code, pattern));
      if (found !== undefined) return applyRuling(found[1], outcome);
    }
    return undefined;
  };
}

/**
 * Returns a classifier by {@link ErrorKind}.
 *
 * @throws {TypeError} with every key that is no kind and every value that is no ruling.
 */
export function byKind(rulings: { readonly [Kind in ErrorKind]?: Ruling }): Classifier {
  checkRulings('byKind', rulings, `one of ${Object.keys(KINDS).join(', ')}`, (kind) => kind in KINDS);
  return (outcome) => {
    const { kind } =
      ('error' in outcome ? classifyError(outcome.error) : classifyResult(outcome.value, Date.now)) ?? {};
    return kind === undefined ? undefined : applyRuling(rulings[kind], outcome);
  };
}

/** Returns a classifier for errors of a class, and for errors linked to one of that class. */
export function byClass(Class: abstract new (...args: never) => unknown, ruling: Ruling): Classifier {
  if (typeof Class !== 'function') throw new TypeError('byClass: the first argument must be a class');
  checkRulings('byClass', { [Class.name]: ruling }, '', () => true);
  return (outcome) =>
    errorsOf(outcome).some((link) => link instanceof Class) ? applyRuling(ruling, outcome) : undefined;
}

/** Returns a classifier for errors that a predicate returns true for. */
export function byPredicate(predicate: (error: unknown) => boolean, ruling: Ruling): Classifier {
  if (typeof predicate !== 'function') throw new TypeError('byPredicate: the first argument must be a function');
  checkRulings('byPredicate', { predicate: ruling }, '', () => true);
  return (outcome) => ('error' in outcome && predicate(outcome.error) ? applyRuling(ruling, outcome) : undefined);
}

/** Returns the error of an outcome and every error linked to it. A value has none. */
function errorsOf(outcome: Outcome): object[] {
  return 'error' in outcome ? linkedErrors(outcome.error) : [];
}

/** Returns what may have the status of an outcome: a response, or an error and every error linked to it. */
function statusHolders(outcome: Outcome): unknown[] {
  if ('error' in outcome) return linkedErrors(outcome.error);
  return isResponse(outcome.value) ? [outcome.value] : [];
}

const KINDS: Readonly<Record<ErrorKind, true>> = {
  server: true,
  'rate-limit': true,
  client: true,
  network: true,
  timeout: true,
  aborted: true,
  limit: true,
  invalid: true,
  rejected: true,
};

function applyRuling(ruling: Ruling, outcome: Outcome): Verdict {
  return typeof ruling === 'function' ? ruling(outcome) : ruling;
}

function checkRulings(caller: string, rulings: unknown, expectedKey: string, isKey: (key: string) => boolean): void {
  if (typeof rulings !== 'object' || rulings === null) throw new TypeError(`${caller}: rulings must be an object`);
  const problems = Object.entries(rulings).flatMap(([key, ruling]) => {
    if (!isKey(key)) return `the key ${key} must be ${expectedKey}`;
    return isRuling(ruling)
      ? []
      : `${key} must be 'failure', 'ignore', 'success', a judgement such as {openFor: milliseconds}, or a function`;
  });
  if (problems.length > 0) throw new TypeError(`${caller}: ${problems.join('; ')}`);
}

const JUDGEMENT_PROPERTIES: ReadonlySet<string> = new Set(['verdict', 'retry', 'retryAfter']);

function isRuling(ruling: unknown): boolean {
  if (ruling === undefined || typeof ruling === 'function') return true;
  if (ruling === 'failure' || ruling === 'ignore' || ruling === 'success') return true;
  if (typeof ruling !== 'object' || ruling === null || Object.keys(ruling).length === 0) return false;
  const { openFor = 1, ...others } = ruling as { readonly openFor?: unknown };
  const isOpenTime = typeof openFor === 'number' && openFor > 0 && Number.isFinite(openFor);
  return isOpenTime && Object.keys(others).every((property) => JUDGEMENT_PROPERTIES.has(property));
}
