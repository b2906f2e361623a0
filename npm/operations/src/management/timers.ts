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

/** Limit of the time that something may take. */
export interface TimeLimit {
  /** Milliseconds. */
  readonly time: number;
  readonly setTimer: SetTimer;
}

/** Settles like `work`, or rejects with the error of `late` once the time is over. */
export async function within<T>(
  { time, setTimer }: TimeLimit,
  work: () => T | Promise<T>,
  late: () => Error,
): Promise<T> {
  let stopTimer = (): void => undefined;
  const over = new Promise<never>((_, reject) => {
    stopTimer = setTimer(() => reject(late()), time);
  });
  try {
    return await Promise.race([(async () => work())(), over]);
  } finally {
    stopTimer();
  }
}
