import type { Clock } from './clock.ts';
import type { Deadline, Deadlines, SleepScheduler } from './schedules.ts';
import type { Timer } from './timer.ts';

/** Sets one timer. Returns a function that removes it. */
export type SetTimer = NonNullable<Clock['setTimer']>;

/** Scheduler that sets a timer for each sleep and each deadline, instead of one timer that all of them share. */
export class SeparateTimers implements SleepScheduler {
  readonly #removals = new WeakMap<Timer, () => void>();
  readonly #setTimer: SetTimer;

  constructor(setTimer: SetTimer) {
    this.#setTimer = setTimer;
  }

  add(timer: Timer, duration: number): void {
    this.#removals.set(
      timer,
      this.#setTimer(() => timer.expire(), duration),
    );
  }

  remove(timer: Timer): void {
    this.#removals.get(timer)?.();
    this.#removals.delete(timer);
  }
}

/** Deadlines of all calls with the same timeout, each with a timer of its own. */
export class SeparateDeadlines implements Deadlines {
  readonly clock: Clock;
  readonly duration: number;
  readonly #timers: SeparateTimers;

  constructor(clock: Clock, duration: number, timers: SeparateTimers) {
    this.clock = clock;
    this.duration = duration;
    this.#timers = timers;
  }

  add(call: Deadline, now: number): void {
    call.deadline = now + this.duration;
    this.#timers.add(call, this.duration);
  }

  remove(call: Deadline): void {
    this.#timers.remove(call);
  }
}

/** Sets a timer of the runtime. `setTimeout` is looked up at each use, so that fake timers drive it, too. */
export function setRuntimeTimer(callback: () => void, delay: number): () => void {
  const handle = setTimeout(callback, delay);
  return () => clearTimeout(handle);
}
