/** Source of numbers that a seed determines. */
export interface Random {
  /** Returns a whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** Returns whether a chance of 1 in `odds` has come true. */
  oneIn(odds: number): boolean;
  /** Returns one of some values. */
  pick<T>(values: readonly T[]): T;
}

/** Creates a source of numbers (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    oneIn: (odds) => below(odds) === 0,
    pick: <T>(values: readonly T[]) => values[below(values.length)] as T,
  };
}
