/** Returns how an error shows a value where a number is expected. Anything else may be a secret in the wrong place. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return value === null ? 'null' : `a value of type ${typeof value}`;
}
