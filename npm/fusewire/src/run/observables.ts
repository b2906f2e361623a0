/**
 * Handling of an Observable, such as one of RxJS, that a function returns as its result. `'reject'`: the call rejects with a
 * `TypeError`, and nothing is subscribed to. `'first-value'`: the call subscribes, settles, and then unsubscribes. It settles
 * with the first value, with undefined if there is none, or with the error. A timeout or an abort unsubscribes as well.
 */
export type ObservableHandling = 'reject' | 'first-value';

/** Values of the option `observables`. */
export const OBSERVABLE_HANDLINGS = ['reject', 'first-value'] as const satisfies readonly ObservableHandling[];

/** Option of breakers, policies and pipelines. */
export interface ObservableOptions {
  /**
   * Handling of an Observable that the work returns: `'reject'` or `'first-value'`. Default `'reject'`, so that the call
   * rejects with a `TypeError`, which counts neither way. In a pipeline, that of the pipeline applies, or else that of a layer.
   */
  readonly observables?: ObservableHandling | undefined;
}

/** Observable of RxJS or another library, in the types of `execute`. */
export interface ObservableLike<Value> {
  subscribe(next: (value: Value) => void): { unsubscribe(): void };
  pipe(): unknown;
}

/** Type of the first value of an Observable. */
export type FirstValue<Result> = Result extends ObservableLike<infer Value> ? Value | undefined : never;

/** Object that takes an observer. */
export interface Subscribable {
  subscribe(observer: object): unknown;
}

interface Candidate {
  readonly subscribe?: unknown;
  readonly pipe?: unknown;
  readonly then?: unknown;
  readonly [key: PropertyKey]: unknown;
}

/**
 * Returns the object to subscribe to if a value is an Observable: one with `subscribe` and `pipe`, or one with the method
 * `Symbol.observable`. An object with `then` is a promise.
 */
export function subscribableOf(value: unknown): Subscribable | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    const candidate = value as Candidate;
    if (typeof candidate.then === 'function') return undefined;
    if (typeof candidate.subscribe === 'function' && typeof candidate.pipe === 'function') return value as Subscribable;
    const symbol = (Symbol as { readonly observable?: symbol }).observable;
    const method = candidate['@@observable'] ?? (symbol === undefined ? undefined : candidate[symbol]);
    return typeof method === 'function' ? (method.call(value) as Subscribable) : undefined;
  } catch {
    // A revoked proxy, say. What adopts the value as a result sees the same error.
    return undefined;
  }
}
