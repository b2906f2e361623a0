/** Outcome of a call that an error of this package implies: `'misuse'` if the call was wrong, and not the dependency. */
export type ImpliedOutcome = 'rejection' | 'timeout' | 'misuse';

/** Key of the implied outcome on the prototype of an error class. */
export const OUTCOME: unique symbol = Symbol.for('fusewire.outcome');

/** Prototype of a defined error class: its name, the brands of the class and its bases, and the implied outcome. */
interface Branded {
  readonly name: string;
  readonly [OUTCOME]?: ImpliedOutcome;
  readonly [brand: symbol]: unknown;
}

/** Prototypes of the error classes that this copy has defined, by the code of their errors. */
const prototypes = new Map<string, Branded>();

const ordinaryHasInstance = Function.prototype[Symbol.hasInstance];

/** Class of errors, which may be abstract. */
type ErrorClass = abstract new (...args: never) => Error;

/** Describes an error class for {@link defineErrorClass}. */
interface ErrorClassOptions {
  /** Key of the class in the registry of symbols, the same in every copy of a package. */
  readonly key: string;
  /** Code of its errors. An abstract class has none. */
  readonly code?: string;
  /** Outcome that its errors imply for a breaker around the call. */
  readonly outcome?: ImpliedOutcome;
}

/**
 * Names an error class, and lets `instanceof` recognise its errors everywhere: errors of other copies of the package by a
 * brand, and errors that crossed a thread or a process by name and code. Base classes come first. A subclass that is not
 * defined in this way gets the ordinary `instanceof`.
 */
export function defineErrorClass(Class: ErrorClass, name: string, { key, code, outcome }: ErrorClassOptions): void {
  const brand = Symbol.for(key);
  const { prototype } = Class as { readonly prototype: Branded };
  // On the prototype they cost nothing per error.
  Object.defineProperty(prototype, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(prototype, brand, { value: true });
  if (outcome !== undefined) Object.defineProperty(prototype, OUTCOME, { value: outcome });
  if (code !== undefined) prototypes.set(code, prototype);
  const hasInstance = function (this: unknown, value: unknown): boolean {
    // A subclass inherits this function.
    return this === Class ? isBranded(value, brand) : ordinaryHasInstance.call(this as () => void, value);
  };
  Object.defineProperty(Class, Symbol.hasInstance, { value: hasInstance });
}

function isBranded(error: unknown, brand: symbol): boolean {
  if (typeof error !== 'object' || error === null) return false;
  try {
    return (error as Branded)[brand] === true || prototypeOfCopy(error)?.[brand] === true;
  } catch {
    // A revoked proxy, say.
    return false;
  }
}

/** Returns the prototype of the class that a copied error had, if its name and its code agree. */
function prototypeOfCopy(error: object): Branded | undefined {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  if (typeof code !== 'string') return undefined;
  const prototype = prototypes.get(code);
  return prototype?.name === name ? prototype : undefined;
}

/** Returns the outcome that an error of any copy of this package implies; undefined for other errors. */
export function impliedOutcome(error: unknown): ImpliedOutcome | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    // Few property reads, because every failed call gets here.
    return (error as Branded)[OUTCOME] ?? prototypeOfCopy(error)?.[OUTCOME];
  } catch {
    // A revoked proxy, say.
    return undefined;
  }
}
