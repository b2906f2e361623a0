/** A fallback that failed, and what with. */
export interface FallbackFault {
  /** The name of the strategy; `'when'` for the predicate of the policy. */
  readonly strategy: string;
  readonly error: unknown;
}

/** More primitives than this are not remembered: they are never collected. */
const MOST_PRIMITIVES = 64;
const NONE: readonly FallbackFault[] = Object.freeze([]);

const ofObjects = new WeakMap<object, readonly FallbackFault[]>();
const ofPrimitives = new Map<unknown, readonly FallbackFault[]>();

/**
 * What went wrong in the fallbacks of a call that rejected with `error`, in the order in which they were asked. The error
 * itself is not touched, so that it may be frozen, or no object at all.
 *
 * Where several calls rejected with the same error it tells of the last one; equal strings and numbers are the same error,
 * and the 64 last of those are remembered.
 */
export function fallbackErrorsOf(error: unknown): readonly FallbackFault[] {
  return (isObject(error) ? ofObjects.get(error) : ofPrimitives.get(error)) ?? NONE;
}

/** Remembers what went wrong in the fallbacks of a call that rejects with `error`. */
export function attachFaults(error: unknown, faults: readonly FallbackFault[]): void {
  if (isObject(error)) {
    if (faults.length > 0) ofObjects.set(error, faults);
    else ofObjects.delete(error);
    return;
  }
  ofPrimitives.delete(error);
  if (faults.length > 0) ofPrimitives.set(error, faults);
  if (ofPrimitives.size > MOST_PRIMITIVES) ofPrimitives.delete(ofPrimitives.keys().next().value);
}

function isObject(error: unknown): error is object {
  return (typeof error === 'object' && error !== null) || typeof error === 'function';
}
