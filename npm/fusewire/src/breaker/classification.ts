import { OUTCOME } from '../engine/codes.ts';
import { impliedOutcome } from '../errors/error-class.ts';
import type { ImpliedOutcome } from '../errors/error-class.ts';
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
 * Returns the outcome code of an error, or for how long the error opens the circuit. The option `classify` decides first,
 * except for a wrong call, which is ignored.
 * By default a rejection by a policy inside the breaker is ignored, and the timeout of such a policy is a timeout.
 */
export function classifyError(circuit: Classifier, error: unknown): number | { readonly openFor: number } {
  const implied = impliedOutcome(error);
  if (implied === 'misuse') return OUTCOME.IGNORED;
  try {
    const returned: unknown = circuit.hooks.classify?.(error);
    switch (returned) {
      case undefined:
        return outcomeOf(implied);
      case 'failure':
        return implied === 'timeout' ? OUTCOME.TIMEOUT : OUTCOME.FAILURE;
      case 'ignore':
        return OUTCOME.IGNORED;
      case 'success':
        return OUTCOME.SUCCESS;
    }
    if (isOpenFor(returned)) return returned;
    throw invalidReturnValue('classify', returned, "'failure', 'ignore', 'success' or {openFor: milliseconds}");
  } catch (thrown) {
    circuit.recordFault('predicateErrors', 'classify failed, the call counts as a failure', thrown);
    return OUTCOME.FAILURE;
  }
}

/** Whether a result counts as a failure. If `isFailure` throws, it does. */
export function isFailedResult(circuit: Classifier, result: unknown): boolean {
  try {
    return readPredicateResult('isFailure', circuit.hooks.isFailure?.(result));
  } catch (thrown) {
    circuit.recordFault('predicateErrors', 'isFailure failed, the call counts as a failure', thrown);
    return true;
  }
}

/** Returns the boolean that a predicate returned. Throws a `TypeError` if it returned an object, such as a promise. */
export function readPredicateResult(predicate: string, returned: unknown): boolean {
  if (typeof returned !== 'object' || returned === null) return Boolean(returned);
  throw invalidReturnValue(predicate, returned, 'true or false');
}

function outcomeOf(implied: ImpliedOutcome | undefined): number {
  switch (implied) {
    case 'rejection':
      return OUTCOME.IGNORED;
    case 'timeout':
      return OUTCOME.TIMEOUT;
    default:
      return OUTCOME.FAILURE;
  }
}

function isOpenFor(returned: unknown): returned is { readonly openFor: number } {
  if (typeof returned !== 'object' || returned === null) return false;
  const { openFor } = returned as { openFor?: unknown };
  return typeof openFor === 'number' && openFor > 0 && Number.isFinite(openFor);
}

/** Creates the error for an invalid return value. If the value is a promise, its rejection is ignored. */
function invalidReturnValue(predicate: string, returned: unknown, expected: string): TypeError {
  catchRejection(returned, () => undefined);
  return new TypeError(`${predicate} must return ${expected}`);
}
