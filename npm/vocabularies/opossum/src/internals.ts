/**
 * Key of the function that returns the state behind a public object. A private field would throw on a `Proxy` of the
 * object, and on what `Object.create` makes of it. The function keeps the state out of proxies that wrap all they read.
 */
export const INTERNALS: unique symbol = Symbol('fusewire.opossum.internals');

/** Sets the state behind a public object. */
export function setInternals(target: object, internals: unknown): void {
  Object.defineProperty(target, INTERNALS, { value: () => internals });
}
