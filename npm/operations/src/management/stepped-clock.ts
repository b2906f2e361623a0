import type { Clock } from 'fusewire';

/** Clock that jumps to its next timer on demand, so that a simulated wait takes no time. */
export interface SteppedClock extends Clock {
  readonly setTimer: NonNullable<Clock['setTimer']>;
  /** Runs all timers in their order, each after the promises that wait have settled. */
  run(): Promise<void>;
}

/** Creates a stepped clock that starts at 0. */
export function steppedClock(): SteppedClock {
  let now = 0;
  const timers = new Set<{ readonly due: number; readonly callback: () => void }>();
  return Object.assign(() => now, {
    setTimer(callback: () => void, delay: number): () => void {
      const timer = { due: now + delay, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async run(): Promise<void> {
      for (;;) {
        await settled();
        const next = [...timers].sort((one, other) => one.due - other.due)[0];
        if (next === undefined) return;
        timers.delete(next);
        now = Math.max(now, next.due);
        next.callback();
      }
    },
  });
}

/** Resolves after the promises that can settle now. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
