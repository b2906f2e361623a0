import type { Clock } from './clock.ts';
import type { Timer } from './timer.ts';

/** Call with a timeout. */
export interface Deadline extends Timer {
  previous: Deadline | undefined;
  next: Deadline | undefined;
}

/** Deadlines of all calls with the same timeout. */
export interface Deadlines {
  /** Clock of the deadlines. */
  readonly clock: Clock;
  /** Timeout in milliseconds. */
  readonly duration: number;
  /** Adds a call that starts now. */
  add(call: Deadline, now: number): void;
  /** Removes a call. */
  remove(call: Deadline): void;
}

/** Timer with a duration of its own, such as the delay of a retry. */
export interface SleepTimer extends Timer {
  /** Index in the heap of the scheduler. */
  heapIndex: number;
}

/** Scheduler of timers with different durations. */
export interface SleepScheduler {
  /** Expires `timer` after so many milliseconds. A timer that is added again as it expires does not expire in the same turn. */
  add(timer: SleepTimer, duration: number): void;
  /** Removes a timer, if it was added. */
  remove(timer: SleepTimer): void;
}
