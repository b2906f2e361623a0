import type { Clock } from 'fusewire';

/** Clock whose time never goes back, with timers that do not keep the process alive. */
export interface SteadyTime extends Clock {
  /** @param keepsAlive whether a timer of the runtime keeps the process alive. */
  readonly setTimer: (callback: () => void, delay: number, keepsAlive?: boolean) => () => void;
}

/**
 * Returns the time of a clock that a user gave, or of `performance.now()`. When the clock goes back or fails, the time stands
 * still for a moment and then goes on from there. If its timers throw, those of the runtime replace them.
 */
export function steadyTime(clock: Clock | undefined): SteadyTime {
  let last = Number.NEGATIVE_INFINITY;
  let offset = 0;
  const read = (): number => {
    const reading = readClock(clock);
    if (!Number.isFinite(reading)) return last === Number.NEGATIVE_INFINITY ? 0 : last;
    if (reading + offset < last) offset = last - reading;
    return (last = reading + offset);
  };
  const setTimer: SteadyTime['setTimer'] = (callback, delay, keepsAlive = false) => {
    try {
      const remove = clock?.setTimer?.(callback, delay);
      if (typeof remove === 'function') return remove;
    } catch {
      // The timers of the runtime replace it.
    }
    return setRuntimeTimer(callback, delay, keepsAlive);
  };
  return Object.assign(read, { setTimer });
}

function readClock(clock: Clock | undefined): number {
  try {
    return clock === undefined ? performance.now() : clock();
  } catch {
    return Number.NaN;
  }
}

/**
 * Sets a timer of the runtime. Returns a function that removes it. Where the runtime forbids timers, as Workers do outside of
 * requests, there is none.
 */
function setRuntimeTimer(callback: () => void, delay: number, keepsAlive: boolean): () => void {
  try {
    const timer: unknown = setTimeout(callback, delay);
    if (!keepsAlive) (timer as { unref?(): unknown }).unref?.();
    return () => clearTimeout(timer as number);
  } catch {
    return () => undefined;
  }
}

/** Waits that another part can end early. Code after a wait runs in the async context of the code that waits. */
export class Waker {
  readonly #time: SteadyTime;
  #isWoken = false;
  #wake: (() => void) | undefined;

  constructor(time: SteadyTime) {
    this.#time = time;
  }

  /** Ends the present wait, or the next one at once. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Resolves after so many milliseconds, or when somebody wakes it. Infinity: only then. */
  async wait(delay: number): Promise<void> {
    if (!this.#isWoken) {
      let remove: (() => void) | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (delay !== Number.POSITIVE_INFINITY) remove = this.#time.setTimer(resolve, Math.min(delay, LONGEST_TIMER));
      });
      remove?.();
    }
    this.#wake = undefined;
    this.#isWoken = false;
  }
}

const LONGEST_TIMER = 2_147_483_647;
