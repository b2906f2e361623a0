import type { Verdict } from 'fusewire';
import { classifyError } from './classification.ts';
import { matches } from './codes.ts';
import type { ErrorKind } from './errors.ts';
import { codesOf, linkedErrors, statusOf } from './linked-errors.ts';

/**
 * Function for the option `classify` of a breaker: returns how an error counts. If it returns undefined, the next classifier
 * decides, or the breaker does.
 */
export type Classifier = (error: unknown) => Verdict | undefined;

/** Verdict on an error, or a classifier that returns one. */
export type Ruling = Verdict | Classifier;

/** HTTP status, such as `404`, or a range of a hundred, such as `'4xx'`. */
export type StatusPattern = number | `${1 | 2 | 3 | 4 | 5}xx`;

/** Returns a classifier that tries several in order and takes the first verdict. */
export function firstOf(...classifiers: readonly Classifier[]): Classifier {
  return (error) => {
    for (const classify of classifiers) {
      const verdict = classify(error);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  };
}

/**
 * Returns a classifier by HTTP status: that of an error, of its `response`, or of an error linked to it. A single status
 * takes precedence over a range.
 *
 * ```ts
 * const classify = firstOf(byStatus({ 404: 'success', '5xx': 'failure' }), http().breaker.classify);
 * ```
 *
 * @throws {TypeError} with every key that is no status and every value that is no ruling.
 */
export function byStatus(rulings: { readonly [Status in StatusPattern]?: Ruling }): Classifier {
  checkRulings('byStatus', rulings, 'a status such as 404 or 4xx', (status) => /^[1-5](\d\d|xx)$/.test(status));
  const byPattern = rulings as Readonly<Record<string, Ruling>>;
  return (error) => {
    for (const link of linkedErrors(error)) {
      const status = statusOf(link);
      if (status === undefined) continue;
      return applyRuling(byPattern[status] ?? byPattern[`${Math.floor(status / 100)}xx`], error);
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
  return (error) => {
    for (const code of linkedErrors(error).flatMap(codesOf)) {
      const found = entries.find(([pattern]) => matches(code, pattern));
      if (found !== undefined) return applyRuling(found[1], error);
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
  return (error) => {
    const kind = classifyError(error)?.kind;
    return kind === undefined ? undefined : applyRuling(rulings[kind], error);
  };
}

/** Returns a classifier for errors of a class, and for errors linked to one of that class. */
export function byClass(Class: abstract new (...args: never) => unknown, ruling: Ruling): Classifier {
  if (typeof Class !== 'function') throw new TypeError('byClass: the first argument must be a class');
  checkRulings('byClass', { [Class.name]: ruling }, '', () => true);
  return (error) =>
    linkedErrors(error).some((link) => link instanceof Class) ? applyRuling(ruling, error) : undefined;
}

/** Returns a classifier for errors that a predicate returns true for. */
export function byPredicate(predicate: (error: unknown) => boolean, ruling: Ruling): Classifier {
  if (typeof predicate !== 'function') throw new TypeError('byPredicate: the first argument must be a function');
  checkRulings('byPredicate', { predicate: ruling }, '', () => true);
  return (error) => (predicate(error) ? applyRuling(ruling, error) : undefined);
}

/**
 * Returns a function for the option `retryIf` of a retry: true for errors that the classifier counts as failures. An error
 * that the classifier leaves undecided is not repeated.
 */
export function retryIf(classify: Classifier): (error: unknown) => boolean {
  if (typeof classify !== 'function') throw new TypeError('retryIf: the argument must be a classifier, a function');
  return (error) => {
    const verdict = classify(error);
    return verdict === 'failure' || typeof verdict === 'object';
  };
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

function applyRuling(ruling: Ruling | undefined, error: unknown): Verdict | undefined {
  return typeof ruling === 'function' ? ruling(error) : ruling;
}

function checkRulings(caller: string, rulings: unknown, expectedKey: string, isKey: (key: string) => boolean): void {
  if (typeof rulings !== 'object' || rulings === null) throw new TypeError(`${caller}: rulings must be an object`);
  const problems = Object.entries(rulings).flatMap(([key, ruling]) => {
    if (!isKey(key)) return `the key ${key} must be ${expectedKey}`;
    return isRuling(ruling)
      ? []
      : `${key} must be 'failure', 'ignore', 'success', {openFor: milliseconds} or a function`;
  });
  if (problems.length > 0) throw new TypeError(`${caller}: ${problems.join('; ')}`);
}

function isRuling(ruling: unknown): boolean {
  if (ruling === undefined || typeof ruling === 'function') return true;
  if (ruling === 'failure' || ruling === 'ignore' || ruling === 'success') return true;
  const openFor = (ruling as { openFor?: unknown } | null)?.openFor;
  return typeof openFor === 'number' && openFor > 0 && Number.isFinite(openFor);
}
