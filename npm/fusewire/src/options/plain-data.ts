/** Options as a caller passes them: an object whose values are still unchecked. */
export type OptionsObject = Readonly<Record<string, unknown>>;

/** Nesting beyond this depth is cut off: no option or snapshot goes deeper, and a cyclic value must end. */
const MAX_DEPTH = 4;

/** Whether a value is an object, but no array, map, date or other built-in. */
export function isPlainObject(value: unknown): value is OptionsObject {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/**
 * Returns a copy of a value for the engine to read. Anything but plain data becomes an empty array, which no option accepts.
 */
export function toPlainData(value: unknown, depth = 0): unknown {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return [];
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return depth > MAX_DEPTH ? [] : value.map((item) => toPlainData(item, depth + 1));
  if (depth > MAX_DEPTH || !isPlainObject(value)) return [];
  const copy: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value)) {
    const property = value[key];
    if (property !== undefined) copy[key] = toPlainData(property, depth + 1);
  }
  return copy;
}

/** Whether two values of one option mean the same, as far as that can be seen. */
export function isSameOption(one: unknown, other: unknown, depth = 0): boolean {
  if (typeof one === 'function') return typeof other === 'function';
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null)
    return Object.is(one, other);
  if (one === other || depth > MAX_DEPTH) return true;
  const [own, given] = [Object.entries(one), Object.entries(other)];
  return (
    own.length === given.length &&
    own.every(([key, value]) => isSameOption(value, (other as OptionsObject)[key], depth + 1))
  );
}
