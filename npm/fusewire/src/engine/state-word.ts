// Decoding of the packed state word: `generation << 5 | gated << 4 | override << 2 | state`.

import { WORD } from './codes.ts';
import { overrideName, stateName } from './names.ts';
import type { CircuitState, Override } from './names.ts';

/** Bits of the state word that are 0 while a call may be admitted without the engine. */
export const ASK_MASK = WORD.ASK_MASK;

/** Returns the permit of a call that is admitted without the engine. */
export function directPermit(word: number): number {
  return (word >>> WORD.GENERATION_SHIFT) * WORD.GENERATION_UNIT;
}

/** Permit whose outcome counts in the totals alone. */
export const UNCOUNTED_PERMIT = 0xffff_ffff * WORD.GENERATION_UNIT;

/** Whether a permit takes a place in the engine: that of a probe, or of a watched call in flight. */
export function takesPlace(permit: number): boolean {
  return permit % WORD.GENERATION_UNIT !== 0;
}

/** Returns the state that callers experience. */
export function effectiveState(word: number): CircuitState {
  switch (overrideOf(word)) {
    case 'FORCED_OPEN':
      return 'OPEN';
    case 'FORCED_CLOSED':
    case 'SHADOW':
      return 'CLOSED';
    default:
      return underlyingState(word);
  }
}

/** Returns the state without the override. */
export function underlyingState(word: number): CircuitState {
  return stateName(word & WORD.STATE_MASK);
}

/** Returns the override of a state word. */
export function overrideOf(word: number): Override {
  return overrideName((word >>> WORD.OVERRIDE_SHIFT) & WORD.OVERRIDE_MASK);
}
