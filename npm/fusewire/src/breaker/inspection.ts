/** Key of the method that `console.log` and `util.inspect` call on Node, Bun and Deno. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/** Options that a runtime passes to a method of the name {@link INSPECT}. */
export interface InspectOptions {
  readonly depth?: number | null | undefined;
}

/** Function that a runtime passes to a method of the name {@link INSPECT}; not every runtime does. */
export type Inspect = (value: unknown, options: InspectOptions) => string;

/**
 * Gives an object its own method of the name {@link INSPECT}. Bundlers keep a class with a method of a computed name, even if a
 * program does not use the class.
 */
export function printWith(
  target: object,
  print: (depth: number | null, options?: InspectOptions, inspect?: Inspect) => unknown,
): void {
  Object.defineProperty(target, INSPECT, { value: print });
}

/**
 * Returns the text to print for an object: the name of its class and the properties that `read` returns. Below the depth
 * that the caller asks for, it returns the name alone.
 */
export function inspected(
  className: string,
  read: () => object,
  depth: number | null,
  options: InspectOptions | undefined,
  inspect: Inspect | undefined,
): unknown {
  if (depth !== null && depth < 0) return `[${className}]`;
  const properties = read();
  return inspect === undefined ? properties : `${className} ${inspect(properties, { ...options, depth })}`;
}
