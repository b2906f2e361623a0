/** Failure of one strategy of a fallback. */
export interface FallbackFault {
  /** Name of the strategy; `'when'` for the predicate of the policy. */
  readonly strategy: string;
  readonly error: unknown;
}

/** Most strings, numbers and other primitives that are remembered. The garbage collector does not free them. */
const MAX_PRIMITIVES = 64;
const NONE: readonly FallbackFault[] = Object.freeze([]);

const byObject = new WeakMap<object, readonly FallbackFault[]>();
const byPrimitive = new Map<unknown, readonly FallbackFault[]>();

/**
 * Returns the failures of the fallback strategies of a call that rejected with `error`, in the order in which they ran. The
 * error itself is not changed, so it may be frozen, or a primitive.
 *
 * If several calls rejected with the same error, the failures are those of the last call. Equal strings and numbers are the
 * same error; the last 64 of them are remembered.
 */
export function fallbackErrorsOf(error: unknown): readonly FallbackFault[] {
  return (isObject(error) ? byObject.get(error) : byPrimitive.get(error)) ?? NONE;
}

/** Remembers the failures of the fallback strategies of a call that rejects with `error`. */
export function recordFallbackErrors(error: unknown, failures: readonly FallbackFault[]): void {
  if (isObject(error)) {
    if (failures.length > 0) byObject.set(error, failures);
    else byObject.delete(error);
    return;
  }
  byPrimitive.delete(error);
  if (failures.length > 0) byPrimitive.set(error, failures);
  if (byPrimitive.size > MAX_PRIMITIVES) byPrimitive.delete(byPrimitive.keys().next().value);
}

function isObject(error: unknown): error is object {
  return (typeof error === 'object' && error !== null) || typeof error === 'function';
}
