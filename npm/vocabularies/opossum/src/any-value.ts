/** A value that users may declare with any type of theirs: a caught error, an argument of a fallback. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- `unknown` would reject `(error: Error) => …`
export type AnyValue = any;
