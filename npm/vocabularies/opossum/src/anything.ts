/** What users may take for any type they like: an error that was caught, the arguments of a fallback. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- `unknown` would refuse `(error: Error) => …`
export type Anything = any;
