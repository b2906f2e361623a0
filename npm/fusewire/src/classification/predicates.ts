import { catchRejection } from '../logging.ts';

/** Returns the boolean that a predicate returned. Throws a `TypeError` if it returned an object, such as a promise. */
export function readPredicateResult(predicate: string, returned: unknown): boolean {
  if (typeof returned !== 'object' || returned === null) return Boolean(returned);
  throw invalidReturnValue(predicate, returned, 'true or false');
}

/** Creates the error for an invalid return value. If the value is a promise, its rejection is ignored. */
export function invalidReturnValue(predicate: string, returned: unknown, expected: string): TypeError {
  catchRejection(returned, () => undefined);
  return new TypeError(`${predicate} must return ${expected}`);
}
