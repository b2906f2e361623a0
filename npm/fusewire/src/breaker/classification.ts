import { OUTCOME } from '../engine/codes.ts';
import { impliedOutcome } from '../errors.ts';
import { catchRejection } from '../logging.ts';
import type { Faults } from '../logging.ts';
import type { Policy } from './settings.ts';

/** The circuit whose predicates classify a call. */
export interface Classifier {
  readonly policy: Policy;
  /** Counts and reports a predicate that failed. */
  fault(kind: keyof Faults, message: string, error: unknown): void;
}

/**
 * What an error means: the code of an outcome, or for how long the circuit is to be open. `classify` is asked first. A
 * call that a policy inside of this breaker did not admit says nothing about the dependency; one that a timeout inside of it
 * has ended took too long.
 */
export function judgeError(circuit: Classifier, error: unknown): number | { readonly openFor: number } {
  try {
    const verdict: unknown = circuit.policy.classify?.(error);
    switch (verdict) {
      case undefined:
        return outcomeOf(error);
      case 'failure':
        return impliedOutcome(error) === 'timeout' ? OUTCOME.TIMEOUT : OUTCOME.FAILURE;
      case 'ignore':
        return OUTCOME.IGNORED;
      case 'success':
        return OUTCOME.SUCCESS;
    }
    if (isOpenFor(verdict)) return verdict;
    throw notAnAnswer('classify', verdict, "'failure', 'ignore', 'success' or {openFor: milliseconds}");
  } catch (fault) {
    circuit.fault('predicateErrors', 'classify failed, the call counts as a failure', fault);
    return OUTCOME.FAILURE;
  }
}

/** Whether `isFailure` takes a result for a failure. */
export function judgeResult(circuit: Classifier, result: unknown): boolean {
  try {
    return asAnswer('isFailure', circuit.policy.isFailure?.(result));
  } catch (fault) {
    circuit.fault('predicateErrors', 'isFailure failed, the call counts as a failure', fault);
    return true;
  }
}

/** What a predicate says. */
export function asAnswer(predicate: string, verdict: unknown): boolean {
  if (typeof verdict !== 'object' || verdict === null) return Boolean(verdict);
  throw notAnAnswer(predicate, verdict, 'true or false');
}

function outcomeOf(error: unknown): number {
  switch (impliedOutcome(error)) {
    case 'rejection':
      return OUTCOME.IGNORED;
    case 'timeout':
      return OUTCOME.TIMEOUT;
    default:
      return OUTCOME.FAILURE;
  }
}

function isOpenFor(verdict: unknown): verdict is { readonly openFor: number } {
  if (typeof verdict !== 'object' || verdict === null) return false;
  const { openFor } = verdict as { openFor?: unknown };
  return typeof openFor === 'number' && openFor > 0 && Number.isFinite(openFor);
}

/** A predicate must answer at once: a promise is no answer, and nobody would handle its rejection. */
function notAnAnswer(predicate: string, verdict: unknown, expected: string): TypeError {
  catchRejection(verdict, () => undefined);
  return new TypeError(`${predicate} must answer ${expected}`);
}
