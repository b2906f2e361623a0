import type { Clock } from 'fusewire';

/** Sets a timer, and returns the function that removes it. */
export type SetTimer = (callback: () => void, milliseconds: number) => () => void;

/** Returns the timers of a clock, or those of the runtime. They keep no process alive. */
export function timersOf(clock: Clock | undefined): SetTimer {
  const { setTimer } = clock ?? {};
  if (typeof setTimer === 'function') return setTimer;
  return (callback, milliseconds) => {
    const timer: unknown = setTimeout(callback, milliseconds);
    if (typeof timer === 'object') (timer as { unref?: () => void }).unref?.();
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>);
  };
}

/** Returns the clock of the runtime, or the one that was given. */
export function clockOf(clock: Clock | undefined): () => number {
  return clock ?? (() => performance.now());
}
