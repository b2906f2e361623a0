import { OUTCOME } from '../engine/codes.ts';
import { impliedOutcome } from '../errors.ts';
import { catchRejection } from '../logging.ts';
import type { FaultCounts } from '../logging.ts';
import type { CallHooks } from './settings.ts';

/** The circuit whose predicates classify a call. */
export interface Classifier {
  readonly hooks: CallHooks;
  /** Counts and reports a predicate that failed. */
  recordFault(kind: keyof FaultCounts, message: string, error: unknown): void;
}

/**
 * What an error means: the code of an outcome, or for how long the circuit is to be open. `classify` is asked first. A
 * call that a policy inside of this breaker did not admit says nothing about the dependency; one that a timeout inside of it
 * has ended took too long.
 */
export function classifyError(circuit: Classifier, error: unknown): number | { readonly openFor: number } {
  try {
    const verdict: unknown = circuit.hooks.classify?.(error);
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
    throw invalidReturnValue('classify', verdict, "'failure', 'ignore', 'success' or {openFor: milliseconds}");
  } catch (fault) {
    circuit.recordFault('predicateErrors', 'classify failed, the call counts as a failure', fault);
    return OUTCOME.FAILURE;
  }
}

/** Whether `isFailure` takes a result for a failure. */
export function isFailedResult(circuit: Classifier, result: unknown): boolean {
  try {
    return readPredicateResult('isFailure', circuit.hooks.isFailure?.(result));
  } catch (fault) {
    circuit.recordFault('predicateErrors', 'isFailure failed, the call counts as a failure', fault);
    return true;
  }
}

/** What a predicate says. */
export function readPredicateResult(predicate: string, verdict: unknown): boolean {
  if (typeof verdict !== 'object' || verdict === null) return Boolean(verdict);
  throw invalidReturnValue(predicate, verdict, 'true or false');
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
function invalidReturnValue(predicate: string, verdict: unknown, expected: string): TypeError {
  catchRejection(verdict, () => undefined);
  return new TypeError(`${predicate} must answer ${expected}`);
}
