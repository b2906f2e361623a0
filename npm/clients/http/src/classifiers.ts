import type { Verdict } from 'fusewire';
import { chainOf, codesOf, statusOf } from './chain.ts';
import { matches } from './codes.ts';
import type { ErrorKind } from './errors.ts';
import { find } from './findings.ts';

/** What judges an error: fits the option `classify` of a breaker. Undefined leaves it to the next, or to the breaker. */
export type Classifier = (error: unknown) => Verdict | undefined;

/** A verdict, or what makes one of the error. */
export type Ruling = Verdict | Classifier;

/** A status, such as `404`, or a hundred of them, such as `'4xx'`. */
export type StatusPattern = number | `${1 | 2 | 3 | 4 | 5}xx`;

/** The verdict of the first of some classifiers that has one. */
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
 * Judges by the status of an error, of its `response`, or of what it stands for. The status itself goes before its hundred.
 *
 * ```ts
 * const classify = firstOf(byStatus({ 404: 'success', '5xx': 'failure' }), http().breaker.classify);
 * ```
 *
 * @throws {TypeError} with everything that is no status and no ruling.
 */
export function byStatus(rulings: { readonly [Status in StatusPattern]?: Ruling }): Classifier {
  check('byStatus', rulings, (status) => /^[1-5](\d\d|xx)$/.test(status));
  const given = rulings as Readonly<Record<string, Ruling>>;
  return (error) => {
    for (const link of chainOf(error)) {
      const status = statusOf(link);
      if (status === undefined) continue;
      return rule(given[status] ?? given[`${Math.floor(status / 100)}xx`], error);
    }
    return undefined;
  };
}

/**
 * Judges by the code of an error, or of what it stands for; `'UND_ERR_*'` is every code that begins so.
 *
 * @throws {TypeError} with everything that is no ruling.
 */
export function byCode(rulings: Readonly<Record<string, Ruling>>): Classifier {
  check('byCode', rulings, (code) => code !== '');
  const entries = Object.entries(rulings);
  return (error) => {
    for (const code of chainOf(error).flatMap(codesOf)) {
      const found = entries.find(([pattern]) => matches(code, pattern));
      if (found !== undefined) return rule(found[1], error);
    }
    return undefined;
  };
}

/**
 * Judges by what an error says, see {@link ErrorKind}.
 *
 * @throws {TypeError} with everything that is no kind and no ruling.
 */
export function byKind(rulings: { readonly [Kind in ErrorKind]?: Ruling }): Classifier {
  check('byKind', rulings, (kind) => kind in KINDS);
  return (error) => {
    const kind = find(error)?.kind;
    return kind === undefined ? undefined : rule(rulings[kind], error);
  };
}

/** Judges an error that is of a class, or stands for one that is. */
export function byClass(Class: abstract new (...given: never) => unknown, ruling: Ruling): Classifier {
  if (typeof Class !== 'function') throw new TypeError('byClass: a class must come first');
  check('byClass', { [Class.name]: ruling }, () => true);
  return (error) => (chainOf(error).some((link) => link instanceof Class) ? rule(ruling, error) : undefined);
}

/** Judges an error that a predicate is true of. */
export function byPredicate(predicate: (error: unknown) => boolean, ruling: Ruling): Classifier {
  if (typeof predicate !== 'function') throw new TypeError('byPredicate: a function must come first');
  check('byPredicate', { predicate: ruling }, () => true);
  return (error) => (predicate(error) ? rule(ruling, error) : undefined);
}

/**
 * Whether a classifier takes an error for a failure: fits the option `retryIf` of a retry. What it leaves open is not
 * repeated.
 */
export function retryIf(classify: Classifier): (error: unknown) => boolean {
  if (typeof classify !== 'function') throw new TypeError('retryIf: a classifier must be given');
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

function rule(ruling: Ruling | undefined, error: unknown): Verdict | undefined {
  return typeof ruling === 'function' ? ruling(error) : ruling;
}

function check(what: string, rulings: unknown, isKey: (key: string) => boolean): void {
  if (typeof rulings !== 'object' || rulings === null) throw new TypeError(`${what}: rulings must be an object`);
  const problems = Object.entries(rulings).flatMap(([key, ruling]) => {
    if (!isKey(key)) return `${key} is none that it knows`;
    return isRuling(ruling)
      ? []
      : `${key} must be 'failure', 'ignore', 'success', {openFor: milliseconds} or a function`;
  });
  if (problems.length > 0) throw new TypeError(`${what}: ${problems.join('; ')}`);
}

function isRuling(ruling: unknown): boolean {
  if (ruling === undefined || typeof ruling === 'function') return true;
  if (ruling === 'failure' || ruling === 'ignore' || ruling === 'success') return true;
  const openFor = (ruling as { openFor?: unknown } | null)?.openFor;
  return typeof openFor === 'number' && openFor > 0 && Number.isFinite(openFor);
}
