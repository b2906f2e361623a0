import type { ShadowUpdate } from 'fusewire';
import type { Breaker } from './subjects.ts';

/** Trials of `update` that a breaker has begun. */
const trials = new WeakMap<Breaker, ShadowUpdate>();

/** Commands of an operator, by their names in programs. */
export const COMMANDS = {
  dispose: (breaker: Breaker) => breaker.dispose(),
  forceOpen: (breaker: Breaker) => void breaker.forceOpen(),
  reset: (breaker: Breaker) => breaker.reset(),
  open: (breaker: Breaker) => breaker.open(),
  disable: (breaker: Breaker) => breaker.update({ enabled: false }),
  enable: (breaker: Breaker) => breaker.update({ enabled: true }),
  shorten: (breaker: Breaker) => breaker.update({ timeout: 5, failureThreshold: 1 }),
  'no timeout': (breaker: Breaker) => breaker.update({ timeout: false }),
  try: (breaker: Breaker) => void trials.set(breaker, breaker.update({ failureThreshold: 1 }, { shadow: true })),
  apply: (breaker: Breaker) => trials.get(breaker)?.apply(),
} as const;

/** Name of a command. */
export type Command = keyof typeof COMMANDS;
